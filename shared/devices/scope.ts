import { maxIdLength } from "../limits/limits.ts";

/** What a device may (protocol §7): everything of its user, or some workspaces in one role. */
export type DeviceScope = { readonly kind: "full" } | WorkspaceScope;

export interface WorkspaceScope {
  readonly kind: "workspaces";
  readonly workspaceIds: ReadonlySet<string>;
  /** `view` looks and types nothing. */
  readonly role: "view" | "drive";
}

/** `null` where an id is none. No id at all is a scope too: nothing. */
export function makeWorkspaceScope(
  workspaceIds: Iterable<string>,
  role: WorkspaceScope["role"],
): WorkspaceScope | null {
  const ids = new Set(workspaceIds);
  for (const id of ids) {
    if (id.length > maxIdLength || !/^[\x21-\x7e]+$/.test(id)) return null;
  }
  return { kind: "workspaces", workspaceIds: ids, role };
}

/** What both allow: along a chain, scope only ever shrinks. */
export function intersectScopes(a: DeviceScope, b: DeviceScope): DeviceScope {
  if (a.kind === "full") return b;
  if (b.kind === "full") return a;
  return {
    kind: "workspaces",
    workspaceIds: a.workspaceIds.intersection(b.workspaceIds),
    role: a.role === "drive" && b.role === "drive" ? "drive" : "view",
  };
}

export function isSameScope(a: DeviceScope, b: DeviceScope): boolean {
  if (a.kind === "full" || b.kind === "full") return a.kind === b.kind;
  return a.role === b.role && a.workspaceIds.symmetricDifference(b.workspaceIds).size === 0;
}

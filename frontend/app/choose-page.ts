import { type GetSystemInfoResponse, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";

export type PageKind =
  | "waiting"
  | "unreachable"
  | "set-up"
  | "invitation"
  | "log-in"
  | "sign-in"
  | "command-line"
  | "ended"
  | "app";

/** Addresses of pages that are not the app's. */
const doors: Readonly<Record<string, PageKind>> = {
  "/setup": "set-up",
  "/invite": "invitation",
  "/cli": "command-line",
  "/sign-in": "sign-in",
};

/** The page of an address, by path alone. */
export function doorOf(path: string): PageKind | undefined {
  return doors[path.replace(/\/$/, "")];
}

/** Which page somebody gets to see. Each shows at the address that was asked for, so a log-in leads on by itself. */
export function choosePage(at: {
  readonly path: string;
  readonly system: Pick<GetSystemInfoResponse, "kind" | "setupRequired" | "userId"> | undefined;
  /** This browser had a login when it was here last. */
  readonly wasHere: boolean;
  readonly hasFailed: boolean;
  readonly hasEnded: boolean;
}): PageKind {
  const { system } = at;
  const door = doorOf(at.path);
  if (at.hasEnded) return "ended";
  if (!system) {
    // Most likely the login still stands, and the first terminal need not wait for the answer.
    if (at.wasHere && door === undefined) return "app";
    return at.hasFailed ? "unreachable" : "waiting";
  }
  if (system.kind === HubKind.SOLO) return "app";
  if (system.setupRequired) return "set-up";
  if (door === "invitation" || door === "sign-in") return door;
  if (system.userId === "") return "log-in";
  return door === "command-line" ? door : "app";
}

import type { AuditAction, KeyAction } from "./audit-actions.ts";

/**
 * What the audit log takes down: who did what to which thing from where, and how it came out. Ids, reasons
 * and numbers only. Whatever looks like anything else is replaced before it is hashed, so that no caller can
 * carry contents, passwords, tokens or titles in here by mistake.
 */
export interface AuditEvent {
  readonly actor: AuditActor;
  /** Where it came from, as the hub sees it; empty where there is no connection. */
  readonly address: string;
  readonly action: Exclude<AuditAction, KeyAction>;
  readonly target: AuditTarget;
  readonly result: AuditResult;
  readonly detail?: AuditDetail;
}

export type ChainEvent = Omit<AuditEvent, "action"> & { readonly action: AuditAction };

/**
 * `login` and `token`: a user by way of the one with the id in `via`. `user`: one of a hub without logins.
 * `console`: whoever may read the data directory. `system`: the hub by itself.
 */
export interface AuditActor {
  readonly kind: "user" | "login" | "token" | "console" | "system" | "worker" | "stranger";
  /** Of the user or worker; empty for the others. */
  readonly id: string;
  readonly via: string;
}

export interface AuditTarget {
  readonly kind:
    | "none"
    | "user"
    | "login"
    | "invitation"
    | "worker"
    | "registration_key"
    | "channel"
    | "device"
    | "request"
    | "workspace"
    | "token"
    | "provider"
    | "setting"
    | "key"
    | "backup"
    | "audit"
    | "hub";
  readonly id: string;
}

/** `begun` stands before an administrative act and is followed by how that came out. */
export type AuditResult = "begun" | "done" | "refused" | "failed";

export type AuditDetail = Readonly<Record<string, string | number>>;

export const noTarget: AuditTarget = { kind: "none", id: "" };
export const systemActor: AuditActor = { kind: "system", id: "", via: "" };
export const stranger: AuditActor = { kind: "stranger", id: "", via: "" };

/** As it stands in the chain. */
export interface AuditEntry {
  /** From 1, without a gap. */
  readonly sequence: number;
  readonly atMs: number;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorVia: string;
  readonly address: string;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  readonly result: string;
  /** A JSON object of strings and numbers, its names sorted. */
  readonly detail: string;
}

const maxDetails = 8;
/** Ids, reasons, addresses, keys and hashes in hex or base64url; no token of ours. */
const plain = /^(?!lm[a-z]+_)[\w.:/%-]{0,80}$/;
const plainName = /^[a-zA-Z]{1,32}$/;

export function entryOf(event: ChainEvent, sequence: number, atMs: number): AuditEntry {
  const { actor, target } = event;
  return {
    sequence,
    atMs,
    actorKind: actor.kind,
    actorId: keepPlain(actor.id),
    actorVia: keepPlain(actor.via),
    address: keepPlain(event.address),
    action: event.action,
    targetKind: target.kind,
    targetId: keepPlain(target.id),
    result: event.result,
    detail: writeDetail(event.detail ?? {}),
  };
}

/** One text for what means the same. */
export function writeDetail(detail: AuditDetail): string {
  const kept = Object.entries(detail)
    .filter(([name, value]) => plainName.test(name) && isKept(value))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxDetails)
    .map(([name, value]) => [name, typeof value === "string" ? keepPlain(value) : value]);
  return JSON.stringify(Object.fromEntries(kept));
}

function isKept(value: unknown): boolean {
  return typeof value === "string" || Number.isSafeInteger(value);
}

function keepPlain(text: string): string {
  return plain.test(text) ? text : "[redacted]";
}

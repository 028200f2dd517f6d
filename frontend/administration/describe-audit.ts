import type { AuditEntry, VerifyAuditResponse } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";

const actors: Readonly<Record<string, string>> = {
  console: "console",
  system: "the hub",
  stranger: "somebody unknown",
};

/** Who it was, as far as the log knows: names of users are looked up by id, those of workers are ids. */
export function describeActor(
  { actorKind, actorId }: Pick<AuditEntry, "actorKind" | "actorId">,
  usernames: ReadonlyMap<string, string>,
): string {
  const kind = Object.hasOwn(actors, actorKind) ? actors[actorKind] : undefined;
  if (kind !== undefined) return kind;
  return usernames.get(actorId) ?? (actorId === "" ? actorKind : actorId);
}

/** "settings.changed" as words: "Settings: changed". */
export function describeAction(action: string): string {
  const [group = "", done = ""] = action.replaceAll("_", " ").split(".");
  const title = group.charAt(0).toUpperCase() + group.slice(1);
  return done === "" ? title : `${title}: ${done}`;
}

/** "setting signup_enabled", "user grace"; empty where it has none. */
export function describeTarget(
  { targetKind, targetId }: Pick<AuditEntry, "targetKind" | "targetId">,
  usernames: ReadonlyMap<string, string>,
): string {
  if (targetKind === "none") return "";
  const kind = targetKind.replaceAll("_", " ");
  return targetId === "" ? kind : `${kind} ${usernames.get(targetId) ?? targetId}`;
}

/** The details as "reason: throttled, count: 3"; as it stands where it is no such object. */
export function describeDetail(json: string): string {
  try {
    const detail: unknown = JSON.parse(json);
    if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return json;
    return Object.entries(detail)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(", ");
  } catch {
    return json;
  }
}

export interface VerdictWords {
  readonly isFine: boolean;
  readonly text: string;
}

/** What verifying found, in words; a problem that this page does not know is one all the same. */
export function describeVerdict(
  verdict: Pick<
    VerifyAuditResponse,
    "problem" | "sequence" | "through" | "entries" | "signedSequence"
  >,
): VerdictWords {
  const { problem, sequence, through, entries, signedSequence } = verdict;
  if (problem === "") {
    const many = entries === 1n ? "1 entry" : `${entries} entries`;
    return {
      isFine: true,
      text: `${many}, signed up to ${signedSequence}. Nothing was altered, removed or inserted.`,
    };
  }
  const where = through > sequence ? `Entries ${sequence} to ${through}` : `Entry ${sequence}`;
  const what = Object.hasOwn(problems, problem) ? problems[problem] : `not right (${problem})`;
  return {
    isFine: false,
    text: `${where}: ${what}. Stop the hub and keep a copy of its data directory.`,
  };
}

const problems: Readonly<Record<string, string>> = {
  altered: "not what was written",
  missing: "missing",
  inserted: "inserted, or there twice",
  bad_signature: "not what was signed: something was altered, removed or inserted",
  unsigned: "without the signature that must be there",
  no_beginning: "not the beginning of an audit log",
  other_key: "not signed by this key, nor by one that it handed over to",
  not_the_receipt: "another history than the one of this head",
  bad_receipt: "the head was not signed by a key of this log",
  unreadable: "not readable as it must be written",
};

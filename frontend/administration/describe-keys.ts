import type { KeyUse, TokenCounts } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";

const dayMs = 24 * 60 * 60_000;
/** From this age on a key is due. */
const dueDays = 90;

export interface KeyAge {
  readonly text: string;
  readonly isDue: boolean;
}

/** In days; a key whose beginning is not known is never called young. */
export function describeKeyAge(madeAtMs: number, nowMs: number): KeyAge {
  if (madeAtMs === 0) return { text: "age not known", isDue: false };
  const days = Math.max(0, Math.floor((nowMs - madeAtMs) / dayMs));
  if (days === 0) return { text: "made today", isDue: false };
  return { text: `${days} ${days === 1 ? "day" : "days"} old`, isDue: days >= dueDays };
}

/** "3 of users.totp_secret and 1 of settings.sealed". */
export function describeUses(uses: readonly Pick<KeyUse, "table" | "column" | "count">[]): string {
  const parts = uses.map(({ table, column, count }) => `${count} of ${table}.${column}`);
  return listOf(parts, "nothing");
}

const counted = [
  ["logins", "login"],
  ["workers", "worker"],
  ["invitations", "invitation"],
  ["registrationKeys", "registration key"],
  ["recoveryCodes", "recovery code"],
  ["apiTokens", "API token"],
] as const;

/** What hangs on a key of hashes, without what there is none of: "2 logins, 1 worker and 8 recovery codes". */
export function describeTokenCounts(counts: TokenCounts | undefined): string {
  const parts = counted.flatMap(([name, word]) => {
    const count = counts?.[name] ?? 0n;
    return count === 0n ? [] : [`${count} ${word}${count === 1n ? "" : "s"}`];
  });
  return listOf(parts, "nothing");
}

/** Between 0 and 1; 1 where there is nothing to do. */
export function shareDone(done: bigint, left: bigint): number {
  const all = done + left;
  return all === 0n ? 1 : Number(done) / Number(all);
}

function listOf(parts: readonly string[], none: string): string {
  const last = parts.at(-1);
  if (last === undefined) return none;
  return parts.length === 1 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

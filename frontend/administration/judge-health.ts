import type { ListUsersResponse } from "@leapmux/proto/hub/v1/admin_pb.ts";
import type { ListAuditResponse } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import type { GetKeyStatusResponse } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import type { Setting } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { describeKeyAge, describeUses } from "./describe-keys.ts";
import { describeCount } from "./describe-count.ts";

/** One thing that was looked at: how it stands, and where somebody does something about it. */
export interface Finding {
  readonly name: string;
  readonly isFine: boolean;
  readonly text: string;
  readonly section: "admin-users" | "admin-settings" | "admin-audit" | "admin-keys";
}

/** A hub that runs signs within seconds; more than this is waiting only where it does not. */
const mostUnsigned = 1_000n;

export function judgeHealth(seen: {
  readonly keys: GetKeyStatusResponse;
  readonly audit: ListAuditResponse;
  readonly settings: readonly Setting[];
  readonly people: ListUsersResponse;
  readonly isExposed: boolean;
  readonly nowMs: number;
}): Finding[] {
  const { keys, people, isExposed } = seen;
  const users = people.users.length;
  const admins = people.users.filter(({ role }) => role === Role.ADMIN);
  const bare = admins.filter(({ hasSecondFactor }) => !hasSecondFactor).length;
  const findings: Finding[] = [
    judgeKeys(keys, seen.nowMs),
    judgeAudit(seen.audit),
    judgeSettings(seen.settings),
    {
      name: "Users",
      section: "admin-users",
      isFine: bare === 0,
      text:
        `${users}${people.nextPageToken === "" ? "" : " and more"} in all, ${describeCount(admins.length, "admin")}` +
        (bare === 0
          ? "."
          : `, ${bare} of them without a second factor: they set one up in their account.`),
    },
  ];
  if (!isExposed) return findings;
  const text = "The hub listens beyond this machine without logins. Start it anew with logins.";
  return [{ name: "Network", section: "admin-settings", isFine: false, text }, ...findings];
}

function judgeKeys(keys: GetKeyStatusResponse, nowMs: number): Finding {
  const finding = { name: "Encryption keys", section: "admin-keys" } as const;
  if (keys.lost.length > 0) {
    const text = `No key opens ${describeUses(keys.lost)} any more.`;
    return { ...finding, isFine: false, text };
  }
  const active = keys.keys.find((key) => key.active);
  if (active === undefined) return { ...finding, isFine: false, text: "No key is active." };
  const age = describeKeyAge(Number(active.madeAtMs), nowMs);
  const text = `Version ${active.version} is active, ${age.text}${age.isDue ? ": rotate it." : "."}`;
  return { ...finding, isFine: !age.isDue, text };
}

function judgeAudit({ entries, signedSequence }: ListAuditResponse): Finding {
  const last = entries[0]?.sequence ?? 0n;
  const isFine = last - signedSequence <= mostUnsigned;
  const text = isFine
    ? `${describeCount(last, "entry", "entries")}, signed up to ${signedSequence}.`
    : `${describeCount(last, "entry", "entries")}, signed up to ${signedSequence} only: look at the hub's log.`;
  return { name: "Audit log", section: "admin-audit", isFine, text };
}

function judgeSettings(settings: readonly Setting[]): Finding {
  const finding = { name: "Settings", section: "admin-settings" } as const;
  const unreadable = settings.filter((setting) => setting.unreadable).map(({ name }) => name);
  if (unreadable.length > 0) {
    const text = `${unreadable.join(", ")} cannot be read, and the built-in value counts: set it anew.`;
    return { ...finding, isFine: false, text };
  }
  const isOpen = settings.some(({ name, value }) => name === "signup_enabled" && value === "true");
  const isMailed = settings.some(({ name, isSet }) => name === "smtp_host" && isSet);
  const signUp = isOpen ? "Everybody who reaches the hub may sign up" : "People join by invitation";
  return {
    ...finding,
    isFine: true,
    text: `${signUp}; ${isMailed ? "mail is set up" : "no mail is sent"}.`,
  };
}

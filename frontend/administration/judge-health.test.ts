import { create } from "@bufbuild/protobuf";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { ListUsersResponseSchema } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { ListAuditResponseSchema } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { GetKeyStatusResponseSchema } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { SettingSchema } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { expect, test } from "vitest";
import { judgeHealth } from "./judge-health.ts";

const dayMs = 86_400_000;
const nowMs = 1_000 * dayMs;

const fine = {
  keys: create(GetKeyStatusResponseSchema, {
    keys: [{ version: 3, active: true, madeAtMs: BigInt(nowMs - 5 * dayMs) }],
  }),
  audit: create(ListAuditResponseSchema, { entries: [{ sequence: 12n }], signedSequence: 11n }),
  settings: [create(SettingSchema, { name: "signup_enabled", value: "false" })],
  people: create(ListUsersResponseSchema, {
    users: [{ role: Role.ADMIN, hasSecondFactor: true }, { role: Role.USER }],
  }),
  isExposed: false,
  nowMs,
};
const wrong = (seen: Partial<typeof fine>) =>
  judgeHealth({ ...fine, ...seen })
    .filter(({ isFine }) => !isFine)
    .map(({ text }) => text);

test("a hub without anything to do says how it stands", () => {
  expect(judgeHealth(fine)).toEqual([
    expect.objectContaining({ isFine: true, text: "Version 3 is active, 5 days old." }),
    expect.objectContaining({ isFine: true, text: "12 entries, signed up to 11." }),
    expect.objectContaining({ text: "People join by invitation; no mail is sent." }),
    expect.objectContaining({ isFine: true, text: "2 in all, 1 admin." }),
  ]);
});

test("what is to do is named with what to do", () => {
  const old = create(GetKeyStatusResponseSchema, {
    keys: [{ version: 1, active: true, madeAtMs: BigInt(nowMs - 91 * dayMs) }],
  });
  expect(wrong({ keys: old })).toEqual(["Version 1 is active, 91 days old: rotate it."]);
  const lost = create(GetKeyStatusResponseSchema, {
    lost: [{ table: "users", column: "totp_secret", count: 2n }],
  });
  expect(wrong({ keys: lost })).toEqual(["No key opens 2 of users.totp_secret any more."]);
  const unsigned = create(ListAuditResponseSchema, { entries: [{ sequence: 5_000n }] });
  expect(wrong({ audit: unsigned })).toEqual([
    "5000 entries, signed up to 0 only: look at the hub's log.",
  ]);
  const broken = [create(SettingSchema, { name: "smtp_port", unreadable: true })];
  expect(wrong({ settings: broken })[0]).toMatch(/^smtp_port cannot be read/);
  const bare = create(ListUsersResponseSchema, { users: [{ role: Role.ADMIN }] });
  expect(wrong({ people: bare })[0]).toMatch(/^1 in all, 1 admin, 1 of them without a second/);
  expect(wrong({ isExposed: true })).toHaveLength(1);
});

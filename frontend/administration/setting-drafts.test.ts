import { create } from "@bufbuild/protobuf";
import {
  SettingSchema,
  SettingSource,
  type Setting,
} from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { expect, test } from "vitest";
import { createSettingDrafts, undoOf } from "./setting-drafts.ts";

function stored(name: string, value: string, changedAtMs = 1n): Setting {
  return create(SettingSchema, { name, value, source: SettingSource.DATABASE, changedAtMs });
}
const secret = create(SettingSchema, { name: "smtp_password", secret: true, isSet: true });

test("what is typed back to what it was is no draft; of a secret anything is one", () => {
  const drafts = createSettingDrafts();
  const idle = stored("login_idle_time", "7d");
  drafts.edit(idle, "3d");
  drafts.edit(secret, "new");
  expect(drafts.names()).toEqual(["login_idle_time", "smtp_password"]);
  drafts.edit(idle, "7d");
  drafts.edit(secret, "");
  expect(drafts.names()).toEqual([]);
});

test("somebody else's change is a conflict once, also when the value came back", () => {
  const drafts = createSettingDrafts();
  drafts.edit(stored("login_idle_time", "7d"), "3d");
  expect(drafts.takeConflicts([stored("login_idle_time", "7d")])).toEqual([]);
  const theirs = stored("login_idle_time", "7d", 2n);
  expect(drafts.takeConflicts([theirs, stored("smtp_host", "x")])).toEqual([theirs]);
  expect(drafts.takeConflicts([theirs])).toEqual([]);
  // Typing on does not hide what came in between.
  drafts.edit(theirs, "4d");
  expect(drafts.takeConflicts([stored("login_idle_time", "9d", 3n)])).toHaveLength(1);
  expect(drafts.find("login_idle_time")).toBe("4d");
});

test("undo sets what was stored, resets what was built in, and is none for secrets", () => {
  const builtIn = create(SettingSchema, { name: "smtp_port", source: SettingSource.BUILT_IN });
  expect(undoOf([stored("login_idle_time", "7d"), builtIn])).toEqual({
    set: [{ name: "login_idle_time", value: "7d" }],
    reset: ["smtp_port"],
  });
  expect(undoOf([builtIn, secret])).toBeUndefined();
});

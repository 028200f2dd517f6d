import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeKeystore, type Keystore } from "../keystore/keystore.ts";
import { makeHubLog } from "../ops/hub-log.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "../store/open-store.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import { makeSettingRows, type SettingRows } from "../store/setting-rows.ts";
import { makeLiveSettings, type LiveSettings } from "./live-settings.ts";
import type { PinnedSettings } from "./read-settings.ts";

let store: Store;
let close: () => Promise<void>;
let rows: SettingRows;
const clock = { ...makeManualClock(), wallMs: () => 0 };
const log: string[] = [];
const opened: LiveSettings[] = [];

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  rows = makeSettingRows(store);
  log.length = 0;
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop();
  await close();
});

const keystoreOf = (byte: number): Keystore =>
  makeKeystore(
    { activeVersion: 1, keys: new Map([[1, new Uint8Array(32).fill(byte)]]) },
    (length) => new Uint8Array(length).fill(7),
  );

async function open(pinned: PinnedSettings = {}, keystore = keystoreOf(1)): Promise<LiveSettings> {
  const live = await makeLiveSettings({
    ...{ rows, pinned, keystore, clock },
    limits: makeHubLimits({ maxWorkers: 3 }),
    log: makeHubLog(pino({ level: "info" }, { write: (line: string) => void log.push(line) })),
  });
  opened.push(live);
  return live;
}

async function write(name: string, value: string | null, sealed: Uint8Array | null = null) {
  await rows.change({
    sequence: await rows.lastSequence(),
    set: [{ name, value, sealed }],
    ...{ reset: [], changedBy: "console", atMs: 5 },
  });
}

/** The look of a second, whole. */
async function look(live: LiveSettings): Promise<void> {
  clock.advance(1_000);
  await live.stop();
}

test("pinned is above the database, the database above what is built in", async () => {
  await write("login_idle_time", "1h");
  await write("signup_enabled", "true");
  const live = await open({ login_idle_time: { text: "30m", source: "--login-idle-time" } });
  const source = (name: "login_idle_time" | "signup_enabled" | "smtp_port") =>
    live.effective().get(name)?.source;
  expect([live.value("login_idle_time"), source("login_idle_time")]).toEqual([1_800_000, "pinned"]);
  expect([live.value("signup_enabled"), source("signup_enabled")]).toEqual([true, "database"]);
  expect([live.value("smtp_port"), source("smtp_port")]).toEqual([587, "built_in"]);
});

test("what is read at each use changes under its reader, in this process at once", async () => {
  const live = await open();
  const { limits } = live;
  // Of whoever made this hub, as long as nobody decided otherwise.
  expect([limits.maxWorkers, limits.openingBurst]).toEqual([3, 60]);
  let told = 0;
  live.onChanged(() => (told += 1));
  await write("max_workers_per_user", "7");
  await write("openings_per_minute", "9");
  await live.reload();
  expect([limits.maxWorkers, limits.openingBurst, limits.openingsPerMinute, told]).toEqual([
    ...[7, 9, 9, 1],
  ]);
  await live.reload();
  expect(told).toBe(1);
});

test("what another process wrote is found by the look of each second, and only then read", async () => {
  const live = await open();
  await write("signup_enabled", "true");
  expect(live.value("signup_enabled")).toBe(false);
  await look(live);
  expect(live.value("signup_enabled")).toBe(true);
});

test("a row that cannot be read falls back to what is built in, and is logged by its name alone", async () => {
  await write("login_idle_time", "5 years of nonsense");
  await write("signup_enabled", "perhaps");
  await write("smtp_password", "in clear");
  const live = await open();
  expect([live.value("login_idle_time"), live.value("signup_enabled")]).toEqual([
    7 * 24 * 3_600_000,
    false,
  ]);
  expect(live.value("smtp_password")).toBe("");
  expect(live.effective().get("signup_enabled")?.isReadable).toBe(false);
  const unreadable = log.filter((line) => line.includes("setting unreadable"));
  expect(unreadable).toHaveLength(3);
  expect(log.join("")).not.toMatch(/nonsense|perhaps|in clear/);
});

test("a sealed password opens in its own place, with its own key, and nowhere else", async () => {
  const secret = Buffer.from("s3cret");
  await write(
    "smtp_password",
    null,
    keystoreOf(1).seal(sealedPlace("setting", "smtp_password"), secret),
  );
  expect((await open()).value("smtp_password")).toBe("s3cret");
  expect((await open({}, keystoreOf(2))).value("smtp_password")).toBe("");
  await write(
    "smtp_password",
    null,
    keystoreOf(1).seal(sealedPlace("setting", "smtp_host"), secret),
  );
  expect((await open()).value("smtp_password")).toBe("");
});

test("mail is sent where all fits together, and by nobody where it does not", async () => {
  const live = await open({
    smtp_host: { text: "mail.example", source: "--smtp-host" },
    smtp_from_address: { text: "hub@mail.example", source: "--smtp-from-address" },
  });
  expect(live.mail()).toMatchObject({ host: "mail.example", credentials: null });
  await write("smtp_username", "hub");
  await live.reload();
  expect(live.mail()).toBeNull();
  expect(log.join("")).toContain("do not fit together");
});

test("a value that is pinned and wrong stops the start, and says where it stands", async () => {
  const wrong = { signup_enabled: { text: "perhaps", source: "LEAPMUX_HUB_SIGNUP_ENABLED" } };
  await expect(open(wrong)).rejects.toThrow("LEAPMUX_HUB_SIGNUP_ENABLED must be true or false");
});

test("of two who change at once one is told, and nothing of it is written", async () => {
  const sequence = await rows.lastSequence();
  const change = (value: string) =>
    rows.change({
      ...{ sequence, reset: [], changedBy: "console", atMs: 5 },
      set: [{ name: "signup_enabled", value, sealed: null }],
    });
  expect([await change("true"), await change("false")]).toEqual(["changed", "changed_meanwhile"]);
  expect(await rows.list()).toMatchObject([{ name: "signup_enabled", value: "true" }]);
  expect(await rows.lastSequence()).toBe(sequence + 1);
});

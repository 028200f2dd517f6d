import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createHub } from "../context.ts";
import type { HubOptions } from "../hub-options.ts";
import { makeAdminConsole } from "../make-admin-console.ts";
import { openStore } from "../store/open-store.ts";
import { makeClosingList, openWhole } from "./closing-list.ts";

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "leapmux-closing-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const logger = pino({ level: "silent" });
/** SQLite removes it when the last one closes the database. */
const isOpen = () => existsSync(join(dataDir, "hub.db-wal"));
const createHere = (options: Partial<HubOptions> = {}) =>
  createHub({
    ...{ dataDir, logger, kind: "hub", version: "0.0.0-test", ...options },
    listen: { host: "127.0.0.1", port: 0 },
  });

test("the last one first, and one that fails keeps none of the others open", async () => {
  const closed: string[] = [];
  const closing = makeClosingList();
  closing.add(() => closed.push("first"));
  closing.add(() => Promise.reject(new Error("stuck")));
  closing.add(() => Promise.resolve(closed.push("last")));
  await expect(closing.run()).rejects.toThrow("stuck");
  expect(closed).toEqual(["last", "first"]);
  await closing.run();
  const opening = openWhole((list) => {
    list.add(() => closed.push("opened"));
    return Promise.reject(new Error("why"));
  });
  await expect(opening).rejects.toThrow("why");
  expect(closed).toEqual(["last", "first", "opened"]);
});

test("a hub that does not know whom to believe leaves nothing open", async () => {
  const opening = createHere({ trustedProxies: ["somebody"] });
  await expect(opening).rejects.toThrow("Invalid socket address");
  expect(isOpen()).toBe(false);
});

test("a console that cannot read the settings leaves nothing open", async () => {
  await (await createHere()).close();
  const store = await openStore(dataDir);
  await store.schema.dropTable("settings").execute();
  await store.destroy();
  for (const needsKeys of [true, false]) {
    const opening = makeAdminConsole({ dataDir, logger, hubUrl: "http://localhost", needsKeys });
    await expect(opening).rejects.toThrow("no such table: settings");
    expect(isOpen()).toBe(false);
  }
});

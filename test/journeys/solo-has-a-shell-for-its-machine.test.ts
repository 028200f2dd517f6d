/** `leapmux shell` beside `leapmux solo`: no login, no device, the same channel and the same pins. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { runInTerminal } from "../harness/run-in-terminal.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { connectClient } from "../harness/test-client.ts";
import { within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const directory = await makeTemporaryDirectory(cleanup);
const env = { HOME: directory, XDG_CONFIG_HOME: join(directory, "config") };
const address = `127.0.0.1:${await freePort()}`;
const url = `http://${address}`;
const solo = startLeapmux(
  cleanup,
  [
    ...["solo", "--dev-frontend", "http://127.0.0.1:9", "--open", "no"],
    ...["--listen", address, "--data-dir", join(directory, "solo")],
  ],
  { env },
);
await untilReady(solo, url);
await (await connectClient(cleanup, url)).onlineWorkerId();

test("a shell without login and without a question; the worker's key is pinned", async () => {
  const terminal = runInTerminal(cleanup, ["shell", "--hub", url], { env });
  await terminal.sees("~. leaves the terminal running");
  terminal.type("echo out-$((6 * 7)); exit 4\r");
  expect((await within(terminal.exited, "the end")).code).toBe(4);
  expect(terminal.text()).toContain("out-42");
  const kept = join(directory, "config/leapmux");
  expect(readdirSync(kept).filter((name) => name.startsWith("device"))).toEqual([]);
  const { pins } = JSON.parse(readFileSync(join(kept, "pins.json"), "utf8")) as { pins: unknown[] };
  expect(pins).toMatchObject([{ hub: url, mode: "post-quantum" }]);
});

test("what makes no sense there says so", async () => {
  const device = await runLeapmux(cleanup, ["device", "--hub", url], { env });
  expect(device).toMatchObject({ code: 1 });
  expect(device.stderr).toContain("knows no devices");
  const workers = await runLeapmux(cleanup, ["workers", "--hub", url], { env });
  expect(workers.stdout).toContain("online");
  expect(existsSync(join(directory, "config/leapmux/logins.json"))).toBe(false);
});

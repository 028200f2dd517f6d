import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";
import { runLeapmux, withoutPages } from "./run-leapmux.ts";

async function startSolo(cleanup: Cleanup, dataDir: string, ...more: string[]) {
  const solo = startLeapmux(cleanup, ["solo", ...withoutPages, "--data-dir", dataDir, ...more]);
  const url = await until(() => {
    if (!solo.isRunning()) throw new Error(`ended early:\n${solo.stderr()}`);
    return /^LeapMux is ready at (\S+)$/m.exec(solo.stdout())?.[1];
  }, "solo to be ready");
  return { solo, url };
}

describe("leapmux solo", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s ends it with 0", async (signal) => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo, url } = await startSolo(cleanup, dataDir);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    solo.signal(signal);
    expect(await within(solo.exited, "a graceful end")).toEqual({ code: 0, signal: null });
  });

  test("it prints the address, where data lives and how to stop, and logs JSON", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo, url } = await startSolo(cleanup, dataDir);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    solo.signal("SIGTERM");
    await within(solo.exited, "a graceful end");
    expect(solo.stdout()).toContain(`Data: ${dataDir}\n`);
    expect(solo.stdout()).toContain("Ctrl-C");
    const lines = solo
      .stderr()
      .split("\n")
      .filter((line) => line !== "");
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("level");
    expect(solo.stdout() + solo.stderr()).not.toContain("\u001b");
    // Paths of the user are for their own eyes and not for the log.
    expect(solo.stderr()).not.toContain(dataDir);
  });

  test("it splits its data and keeps others out", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo } = await startSolo(cleanup, dataDir);
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(["hub", "worker"]));
    for (const entry of readdirSync(dataDir, { recursive: true, encoding: "utf8" })) {
      expect(statSync(path.join(dataDir, entry)).mode & 0o077, entry).toBe(0);
    }
    solo.signal("SIGTERM");
    await within(solo.exited, "a graceful end");
  });

  test("a second one on the same data is refused, also by hub or worker alone", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo } = await startSolo(cleanup, dataDir);
    for (const args of [
      ["solo", ...withoutPages, "--data-dir", dataDir],
      ["hub", ...withoutPages, "--data-dir", path.join(dataDir, "hub")],
      ["worker", "--data-dir", path.join(dataDir, "worker")],
    ]) {
      const { code, stderr } = await runLeapmux(cleanup, args);
      expect(stderr).toMatch(new RegExp(`is in use by another LeapMux \\(process ${solo.pid}\\)`));
      expect(code).toBe(1);
    }
    // The lock ends with its holder, however that ends.
    await solo.kill();
    const again = await startSolo(cleanup, dataDir);
    again.solo.signal("SIGTERM");
    expect((await within(again.solo.exited, "a graceful end")).code).toBe(0);
  });

  test("a port in use is named together with another one", async () => {
    const cleanup = cleanupAfterTest();
    const server = createServer();
    cleanup.add(() => void server.close());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const listen = `127.0.0.1:${port}`;
    const args = ["solo", ...withoutPages, "--data-dir", dataDir, "--listen", listen];
    const { code, stderr } = await runLeapmux(cleanup, args);
    expect(stderr).toContain(`${listen} is already in use`);
    expect(stderr).toMatch(/--listen 127\.0\.0\.1:\d+/);
    expect(code).toBe(1);
  });

  test("data that others could read is refused", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o750);
    const args = ["solo", ...withoutPages, "--data-dir", dataDir];
    const { code, stderr } = await runLeapmux(cleanup, args);
    expect(stderr).toMatch(/open to other users of this machine \(mode 0750\)/);
    expect(stderr).toContain(`chmod 700 ${dataDir}`);
    expect(code).toBe(1);
  });

  test.each(["/proc/leapmux", "/dev/null/leapmux", "/dev/null"])(
    "a place that cannot be used (%s) is refused",
    async (dataDir) => {
      const args = ["solo", ...withoutPages, "--data-dir", dataDir];
      const { code, stderr } = await runLeapmux(cleanupAfterTest(), args);
      expect(stderr).toContain(`data directory ${dataDir} `);
      expect(stderr).toMatch(/--data-dir/);
      expect(code).toBe(1);
    },
  );

  test("beyond loopback it warns loudly", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo } = await startSolo(cleanup, dataDir, "--listen", "0.0.0.0:0");
    expect(solo.stderr()).toMatch(/WARNING: .*NO LOGIN/);
    expect(solo.stderr()).toMatch(/can run commands as you/);
    solo.signal("SIGTERM");
    await within(solo.exited, "a graceful end");
  });

  test("a level of silent is silent", async () => {
    const cleanup = cleanupAfterTest();
    const dataDir = path.join(await makeTemporaryDirectory(cleanup), "data");
    const { solo } = await startSolo(cleanup, dataDir, "--log-level", "silent");
    solo.signal("SIGTERM");
    await within(solo.exited, "a graceful end");
    expect(solo.stderr()).toBe("");
  });
});

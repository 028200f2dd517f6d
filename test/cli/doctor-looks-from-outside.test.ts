/** `leapmux doctor hub --url` at a real hub behind a proxy that does one thing wrong at a time. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBackup } from "@leapmux/hub/backup/create-backup.ts";
import { makeCertificate } from "@leapmux/hub/test-support/make-certificate.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { outwardAddress, startLyingProxy, type Lies } from "../harness/lying-proxy.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { runLeapmux } from "./run-leapmux.ts";

interface Finding {
  check: string;
  level: string;
  sentence: string;
  remedy?: string;
}

async function start(cleanup: Cleanup, options: { daysLeft?: number; isTrusted?: boolean } = {}) {
  const { daysLeft = 90, isTrusted = true } = options;
  const directory = await makeTemporaryDirectory(cleanup);
  const address = outwardAddress();
  const hubPort = await freePort();
  const pem = await makeCertificate(address, daysLeft);
  const authority = join(directory, "authority.pem");
  writeFileSync(authority, pem.cert);
  const proxy = await startLyingProxy(cleanup, hubPort, pem);
  const dataDir = join(directory, "hub");
  const config = join(directory, "config.yaml");
  const url = `https://${address}:${proxy.port}`;
  writeFileSync(config, `listen: 127.0.0.1:${hubPort}\npublic_url: ${url}\ndata_dir: ${dataDir}\n`);
  const hub = startLeapmux(cleanup, ["hub", "--config", config]);
  await untilReady(hub, `http://127.0.0.1:${hubPort}`);
  await createBackup({
    ...{ dataDir, target: join(directory, "copy"), version: "test", passphrase: null },
    ...{ wrapping: { kind: "none" }, wallMs: Date.now },
  });
  const env = isTrusted ? { NODE_EXTRA_CA_CERTS: authority } : {};
  return {
    lie: (how: Lies) => proxy.lie(how),
    async look(...flags: string[]) {
      const args = ["doctor", "hub", "--config", config, "--json", ...flags];
      const { code, stdout, stderr } = await runLeapmux(cleanup, args, { env });
      if (stdout === "") throw new Error(stderr);
      const { places } = JSON.parse(stdout) as { places: { findings: Finding[] }[] };
      const findings = places.flatMap((place) => place.findings);
      const bad = findings.filter(({ level }) => level === "warning" || level === "problem");
      return { code, findings, bad: bad.map(({ check, level }) => `${level} ${check}`), all: bad };
    },
  };
}

test("a healthy hub behind an honest proxy gives nothing, each lie of the proxy its own problem", async () => {
  const cleanup = cleanupAfterTest();
  const { lie, look } = await start(cleanup);
  const healthy = await look("--strict");
  expect(healthy.all).toEqual([]);
  expect(healthy.code).toBe(0);
  expect(healthy.findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(["answers", "certificate", "clock", "headers", "upgrade", "keys"]),
  );
  const caller = healthy.findings.find(({ check }) => check === "caller_address");
  expect(caller).toMatchObject({ level: "ok" });

  for (const [how, expected, sentence] of [
    [{ forwardedFor: "pass" }, "problem caller_address", /makes up/],
    [{ forwardedFor: "drop" }, "problem caller_address", /takes every caller for the proxy/],
    [{ withoutHeaders: ["content-security-policy"] }, "problem headers", /content-security-policy/],
    [{ withoutHeaders: ["x-content-type-options"] }, "problem headers", /x-content-type-options/],
    [{ withoutUpgrades: true }, "problem upgrade", /status 426/],
    [{ withoutCalls: true }, "problem calls", /do not pass/],
    [{ clockAheadMs: 120_000 }, "warning clock", /120 s|119 s|121 s/],
  ] as const satisfies (readonly [Lies, string, RegExp])[]) {
    lie(how);
    const { all, bad, code } = await look();
    expect([...new Set(bad)], JSON.stringify(how)).toEqual([expected]);
    expect(all[0]?.sentence).toMatch(sentence);
    for (const { remedy } of all) expect(remedy).toBeTruthy();
    expect(code).toBe(expected.startsWith("problem") ? 1 : 0);
  }
  lie({ clockAheadMs: 120_000 });
  expect((await look("--strict")).code).toBe(1);
}, 120_000);

test.each([
  [{ daysLeft: 5 }, "warning certificate", /expires in [45] days/],
  [{ daysLeft: -1 }, "problem certificate", /has expired/],
  [{ isTrusted: false }, "problem certificate", /not trusted/],
])("a certificate with %o", async (options, expected, sentence) => {
  const { look } = await start(cleanupAfterTest(), options);
  const { all, bad } = await look();
  expect(bad).toEqual([expected]);
  expect(all[0]?.sentence).toMatch(sentence);
});

test("an address where nothing is, and a name that is none", async () => {
  const { look } = await start(cleanupAfterTest());
  const port = await freePort();
  const away = await look("--url", `http://127.0.0.1:${port}`);
  expect(away.bad).toEqual(["problem reachable"]);
  expect(away.all[0]?.sentence).toMatch(/cannot be reached .ECONNREFUSED/);
  const nameless = await look("--url", "https://nobody.invalid");
  expect(nameless.all[0]?.sentence).toMatch(/leads nowhere/);
});

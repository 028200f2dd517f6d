/** How `leapmux open` gets its one-time address to the browser: never where other users can read it. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { rawRequest } from "../harness/raw-http.ts";
import { loginToken } from "../harness/start-local-frontend.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until } from "../harness/until.ts";
import { runLeapmux } from "./run-leapmux.ts";

const hub = "http://127.0.0.1:9";

async function makeConfig(cleanup: Cleanup): Promise<string> {
  const config = await makeTemporaryDirectory(cleanup);
  mkdirSync(join(config, "leapmux"), { mode: 0o700 });
  const content = { format: 1, hubs: { [hub]: { login_token: loginToken, later: "kept" } } };
  writeFileSync(join(config, "leapmux/logins.json"), JSON.stringify(content), { mode: 0o600 });
  return config;
}

const addressOf = (opened: LeapmuxProcess): Promise<URL> =>
  until(() => {
    const [found] = /http:\S+\/enter#lmo_[\w-]{43}/.exec(opened.stdout()) ?? [];
    if (!opened.isRunning()) throw new Error(opened.stderr());
    return found === undefined ? undefined : new URL(found);
  }, "an address to open");

test("the desktop is handed a file that only its owner reads, and that goes away", async () => {
  const cleanup = cleanupAfterTest();
  const config = await makeConfig(cleanup);
  const bin = await makeTemporaryDirectory(cleanup);
  const note = join(bin, "note");
  for (const name of ["xdg-open", "open"]) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "$@" > "${note}"\n`, { mode: 0o700 });
  }
  const port = await freePort();
  const opened = startLeapmux(
    cleanup,
    ["open", hub, "--listen", `127.0.0.1:${port}`, "--open=yes"],
    { env: { XDG_CONFIG_HOME: config, PATH: `${bin}:${process.env["PATH"] ?? ""}` } },
  );
  const address = await addressOf(opened);
  const handed = await until(() => {
    try {
      return readFileSync(note, "utf8").trim();
    } catch {
      return undefined;
    }
  }, "the desktop to be asked");
  expect(handed).toMatch(/^file:\/\/\S+\.html$/);
  const file = fileURLToPath(handed);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain(`url=${address.href}`);

  const { host, origin } = address;
  const entered = await rawRequest(port, {
    method: "POST",
    path: "/enter",
    headers: { host, origin },
    body: address.hash.slice(1),
  });
  expect(entered.status).toBe(204);
  await until(() => opened.stdout().includes("For another browser: http"), "the next address");
  expect(() => statSync(file)).toThrow(/ENOENT/);
  // The secret is on no log line, and what an unknown version keeps there stays.
  expect(opened.stderr()).not.toContain("lmo_");
  opened.signal("SIGTERM");
  expect(await opened.exited).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(config, "leapmux/logins.json"), "utf8"))).toEqual({
    format: 1,
    hubs: {
      [hub]: { login_token: loginToken, later: "kept", port, label: host.split(".", 1)[0] },
    },
  });
});

test("without a login it names the command for it; by address it has the name that was asked for", async () => {
  const cleanup = cleanupAfterTest();
  const empty = await makeTemporaryDirectory(cleanup);
  const none = await runLeapmux(cleanup, ["open", hub], { env: { XDG_CONFIG_HOME: empty } });
  expect(none).toMatchObject({ code: 1, stdout: "" });
  expect(none.stderr).toMatch(/no login at http:\/\/127\.0\.0\.1:9\nLog in first: leapmux login/);

  const listen = `127.0.0.1:${await freePort()}`;
  const opened = startLeapmux(
    cleanup,
    ["open", hub, "--listen", listen, "--by-address", "--no-open"],
    { env: { XDG_CONFIG_HOME: await makeConfig(cleanup) } },
  );
  expect((await addressOf(opened)).host).toBe(listen);
});

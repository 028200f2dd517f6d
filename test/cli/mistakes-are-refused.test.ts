import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { runLeapmux } from "./run-leapmux.ts";

// Shared, because concurrent tests must not clean up after each other.
const cleanup = cleanupAfterFile();

describe.concurrent("a wrong command line ends with 2 and says what is wrong", () => {
  test.each<[string, RegExp]>([
    ["", /a command is missing[^]*leapmux --help/],
    ["sol", /unknown command sol\n[^]*Did you mean solo\?/],
    ["wroker", /Did you mean worker\?/],
    ["xyzzy", /unknown command xyzzy\n(?![^]*Did you mean)/],
    ["xyzzy --help", /unknown command xyzzy/],
    ["--foo", /unknown option '--foo'/],
    ["-foo solo", /unknown option '--foo'/],
    ["solo --lisen :1", /unknown option '--lisen'[^]*Did you mean --listen\?/],
    ["solo -lisen :1", /Did you mean --listen\?/],
    ["solo extra", /too many arguments for 'solo'[^]*extra/],
    ["version extra", /too many arguments/],
    ["solo --listen", /--listen <HOST:PORT>.*missing/],
    ["solo --listen 4327", /--listen must look like/],
    ["solo --listen 127.0.0.1:99999", /--listen must name a port up to 65535/],
    ["solo --log-level loud", /--log-level must be one of/],
    ["hub --metrics loopback --public-url https://a.example", /refused with --public-url/],
    ["hub --metrics token", /--metrics token needs --metrics-token-file/],
    ["hub --metrics-token-file x", /of use with --metrics token alone/],
    ["solo --metrics token --metrics-token-file /nowhere", /metrics-token-file: ENOENT/],
    ["hub --log-redact-patterns ticket=(", /cannot be used: ticket is not valid in the syntax/],
    ["worker --log-redact-patterns a=(?=b)", /--log-redact-patterns has a pattern .*: a is not/],
    ["solo --encryption-mode quantum", /--encryption-mode must be one of post-quantum, classic/],
    ["solo --max-message-size 1GiB", /--max-message-size must be/],
    ["solo --api-timeout-seconds 0", /--api-timeout-seconds must be/],
    ["solo --public-url https://x.example", /solo mode has no public address/],
    ["solo --storage-sqlite-max-conns 4", /--storage-sqlite-max-conns is refused: SQLite is/],
    ["hub --max-incomplete-chunked 4", /one unfinished message per channel and direction/],
    ["solo --agent-startup-timeout-seconds 300", /this version runs no agents/],
    ["worker --worktree-create-timeout-seconds 60", /this version makes no worktrees/],
    ["worker --use-login-shell=maybe", /--use-login-shell must be one of true, false/],
    ["worker --db-cache-size 5000MiB", /--db-cache-size must be at most 4096MiB/],
    ["solo --config /nowhere/at/all.yaml", /configuration file .* does not exist/],
    ["hub --encryption-mode classic", /unknown option '--encryption-mode'/],
    ["hub --login-idle-time 4m", /must be from 5m to 365d/],
    ["hub --trusted-proxies 10.0.0.0/33", /must look like 10\.0\.0\.2/],
    ["dev --public-url https://hub.example/path", /without a path/],
    ["hub --smtp-host mail.example:25", /without a port/],
    ["hub --smtp-port 0", /must be a port from 1 to 65535/],
    ["hub --smtp-tls-mode ssl", /must be one of starttls, implicit, none/],
    ["hub --smtp-host mail.example", /smtp-from-address must be/],
    ["dev --smtp-from-address hub@mail.example", /smtp-host is missing/],
    ["worker --hub localhost", /--hub must look like/],
    ["worker --hub unix:relative", /--hub must look like .* or unix:/],
    ["hub --local-listen /tmp/x", /--local-listen must look like unix:/],
    ["worker --client-auth nobody", /--client-auth must be one of paired, hub/],
    ["worker devics", /unknown command devics\nDid you mean devices\?/],
    ["worker devices", /a command is missing[^]*leapmux worker devices --help/],
    ["worker devices --data-dir /nowhere", /a command is missing[^]*leapmux worker devices --help/],
    ["worker devices lst", /Did you mean list\?/],
    ["worker devices list extra", /too many arguments for 'list'/],
    ["worker devices approve", /missing required argument/],
    ["worker fingerprint --hub http://x", /--hub means nothing here/],
    ["shell build --hub hub.example", /--hub must look like/],
    ["shell build", /there is no terminal to type in[^]*--command/],
    ["shell build --list --attach tab_x", /exclude each other/],
    ["shell build --frobnicate", /unknown option '--frobnicate'/],
    ["shell build --command", /--command <CMD...>.*missing/],
    ["shell build other --list", /too many arguments for 'shell'/],
    ["pins", /a command is missing[^]*leapmux pins --help/],
    ["pins remove", /missing required argument 'worker'/],
    ["login", /missing required argument 'hub-url'/],
    ["login hub.example", /address of the hub must look like/],
    ["login https://hub.example/path", /without a path/],
    ["login http://hub.example", /has no TLS[^]*--allow-http/],
    ["verfy https://hub.example", /Did you mean verify\?/],
    ["verify https://hub.example --jsn", /Did you mean --json\?/],
    ["logout https://a.example https://b.example", /too many arguments/],
    ["open https://hub.example --listen 0.0.0.0:1", /--listen 0\.0\.0\.0:1 is refused/],
    ["open https://hub.example --listen 192.0.2.1:1", /Only 127\.0\.0\.1, \[::1\] and localhost/],
    ["open https://hub.example --listen nonsense", /--listen must look like/],
    ["open https://hub.example --open=maybe", /--open must be one of/],
    ["completion", /missing required argument 'shell'/],
    ["completion tcsh", /no completion for tcsh\n.*bash, zsh, fish/],
  ])("leapmux %s", async (line, expected) => {
    const args = line.split(" ").filter((each) => each !== "");
    const { code, stdout, stderr } = await runLeapmux(cleanup, args);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("a socket that cannot be made is named", async () => {
    const dir = await makeTemporaryDirectory(cleanup);
    const places = ["--data-dir", path.join(dir, "hub"), "--dev-frontend", "http://127.0.0.1:9"];
    const args = ["hub", "--listen", "127.0.0.1:0", "--local-listen", `unix:${dir}/no/hub.sock`];
    const { code, stderr } = await runLeapmux(cleanup, [...args, ...places]);
    expect(stderr).toMatch(
      /there can be no socket at .*\/no\/hub\.sock: there is no directory .*\/no\nMake it with: mkdir -m 700 .*\/no\n.*--local-listen/,
    );
    expect(code).toBe(1);
  });

  test("an unknown key in the file names the file, the key and the nearest one", async () => {
    const dir = await makeTemporaryDirectory(cleanup);
    const file = path.join(dir, "mine.yaml");
    writeFileSync(file, "log_levl: debug\n");
    const { code, stderr } = await runLeapmux(cleanup, ["solo", "-config", file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mine\.yaml: unknown key log_levl for solo\nDid you mean log_level\?/);
  });

  test("a wrong variable is named, and a wrong secret is not repeated", async () => {
    const dir = await makeTemporaryDirectory(cleanup);
    const env = { HOME: dir, LEAPMUX_HUB_LISTEN: "nonsense" };
    const { code, stderr } = await runLeapmux(cleanup, ["solo"], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/LEAPMUX_HUB_LISTEN must look like/);
    expect(stderr).not.toContain("nonsense");
  });
});

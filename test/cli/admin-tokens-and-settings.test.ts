/** Tokens and settings on the command line, beside a running hub and over the network: the hub follows both. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { refusalOf } from "@leapmux/hub/test-support/refusal-of.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startAdminPlace, ways, type AdminPlace } from "./admin-commands.ts";

const cleanup = cleanupAfterFile();
let place: AdminPlace;
beforeAll(async () => {
  place = await startAdminPlace(cleanup);
});

interface IssuedToken {
  readonly token_id: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scopes: readonly string[];
}

const parse = (text: string) => JSON.parse(text) as unknown;

describe.each(ways)("%s", (way) => {
  const run = (...args: string[]) => place.run(way, ...args);
  const issue = ["api-token", "issue", "--username", "ann", "--client-name", `of ${way}`];

  test("a token is issued, shown once, works, is listed and revoked", async () => {
    // A token gives nothing that it lacks itself: the one that is used online has the scope admin alone.
    const scopes = way === "offline" ? "read,admin" : "admin";
    const { code, stdout } = await run(...issue, "--scopes", scopes, "--ttl", "7d", "--json");
    expect(code).toBe(0);
    const issued = parse(stdout) as IssuedToken;
    expect(issued.access_token).toMatch(/^lmx_a/);
    expect(issued.refresh_token).toMatch(/^lmx_r/);
    expect(issued.scopes).toEqual(scopes.split(","));
    const calls = createClient(
      WorkspaceService,
      connectAs(place.started.url, { authorization: `Bearer ${issued.access_token}` }),
    );
    const allowed = way === "offline" ? "answered" : "scope_required";
    expect(await refusalOf(calls.listWorkspaces({}))).toBe(allowed);

    const listed = await run("api-token", "list", "--username", "ann", "--json");
    const { api_tokens: rows } = parse(listed.stdout) as { api_tokens: Record<string, unknown>[] };
    expect(rows.find((row) => row["token_id"] === issued.token_id)).toMatchObject({
      ...{ username: "ann", client_name: `of ${way}`, scopes },
      issued_by: way === "offline" ? "console" : null,
    });
    expect(listed.stdout).not.toContain("lmx_");

    const revoke = ["api-token", "revoke", "--id", issued.token_id, "--yes"];
    const revoked = await run(...revoke);
    expect(revoked).toMatchObject({ code: 0, stdout: `Revoked the token ${issued.token_id}.\n` });
    expect(await refusalOf(calls.listWorkspaces({}))).toBe("unauthenticated");
    const again = await run(...revoke);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`there is no token with the id ${issued.token_id}`);
  });

  test.each<readonly [readonly string[], number, RegExp]>([
    [[...issue, "--scopes", "everything"], 2, /scopes must be at least one of read, terminal/],
    [[...issue, "--scopes", "admin", "--ttl", "2y"], 2, /--ttl must be a time such as 30m/],
    [[...issue, "--scopes", "admin", "--ttl", "366d"], 2, /--ttl must be from 1m to 365d/],
    [issue, 2, /--scopes is missing/],
    [
      ["api-token", "issue", "--client-name", "x", "--scopes", "admin"],
      2,
      /neither --id nor --username/,
    ],
    [["api-token", "list", "--username", "nobody"], 1, /there is no user with the name nobody/],
    [["api-token", "list", "--cursor", "x y"], 2, /--cursor is none that this list gave/],
    [
      ["delegation-token", "revoke", "--id", `tok_${"A".repeat(22)}`, "--yes"],
      1,
      /there is no token/,
    ],
    [["settings", "get", "--name", "listen"], 1, /there is no setting listen/],
    [
      ["settings", "set", "--name", "login_idle_time", "--value", "1m"],
      2,
      /login_idle_time must be from 5m to 365d/,
    ],
    [["settings", "set", "--name", "smtp_password", "--value", "x"], 2, /not taken from a flag/],
    [
      ["settings", "set", "--name", "smtp_host", "--value", "mail.example"],
      2,
      /smtp-from-address must be/,
    ],
  ])("%j is refused", async (args, code, message) => {
    const ran = await run(...args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(message);
  });

  test("there are no delegation tokens, and the list says so", async () => {
    const ran = await run("delegation-token", "list");
    expect(ran).toMatchObject({ code: 0, stdout: "No delegation tokens.\n" });
  });

  test("the running hub follows a setting within seconds, and shows who wrote it", async () => {
    const enabled = async () => {
      const calls = createClient(SystemService, connectAs(place.started.url));
      return (await calls.getSystemInfo({})).signUpEnabled;
    };
    expect(await enabled()).toBe(false);
    const set = await run("settings", "set", "--name", "signup_enabled", "--value", "on");
    expect(set).toMatchObject({ code: 0, stdout: "Set signup_enabled: true.\n" });
    await expect.poll(enabled, { timeout: 5_000 }).toBe(true);
    const got = await run("settings", "get", "--name", "signup_enabled", "--json");
    expect(parse(got.stdout)).toMatchObject({
      ...{ name: "signup_enabled", value: "true", source: "database", built_in: "false" },
      changed_by: way === "offline" ? "console" : "ann",
    });
    const reset = await run("settings", "reset", "--name", "signup_enabled");
    expect(reset).toMatchObject({ code: 0, stdout: "Reset signup_enabled: false.\n" });
    await expect.poll(enabled, { timeout: 5_000 }).toBe(false);
  });

  test("what belongs together comes from a file, and the password is shown nowhere", async () => {
    const file = join(place.started.directory, `mail-${way}`);
    const lines = ["# mail", "smtp_host=mail.example", "smtp_from_address=hub@mail.example"];
    writeFileSync(file, [...lines, "smtp_username=hub", "smtp_password=s3cret=of", ""].join("\n"));
    const set = await run("settings", "set", "--file", file, "--json");
    expect(set.code).toBe(0);
    const list = await run("settings", "list");
    expect(list.stdout).toMatch(/smtp_password +\(set\) +database/);
    expect(set.stdout + set.stderr + list.stdout).not.toContain("s3cret");
    const names = ["smtp_host", "smtp_from_address", "smtp_username", "smtp_password"].join(",");
    expect((await run("settings", "reset", "--name", names)).code).toBe(0);
  });
});

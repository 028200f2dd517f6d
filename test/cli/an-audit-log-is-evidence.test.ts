// From the log of a running hub to a verdict on another machine that knows neither the hub nor its database.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startAdminPlace, ways, type AdminPlace } from "./admin-commands.ts";
import { runLeapmux } from "./run-leapmux.ts";

const cleanup = cleanupAfterFile();
let place: AdminPlace;
let elsewhere: string;
beforeAll(async () => {
  place = await startAdminPlace(cleanup);
  elsewhere = join(place.started.directory, "elsewhere");
  mkdirSync(elsewhere);
});

/** Where no hub has ever been. */
const verify = (...args: string[]) =>
  runLeapmux(cleanup, ["admin", "audit", "verify", ...args], {
    env: { XDG_CONFIG_HOME: join(elsewhere, "config"), HOME: elsewhere },
  });

test("an act of the console is written down with the console as its actor", async () => {
  const made = await place.run(
    "offline",
    "user",
    "create",
    "--username",
    "carol",
    "--json",
    "--password-file",
    place.passwordFile,
  );
  const { user_id: userId } = JSON.parse(made.stdout) as { user_id: string };
  const listed = await place.run("offline", "audit", "list", "--target", userId, "--json");
  const { entries } = JSON.parse(listed.stdout) as { entries: object[] };
  expect(entries[0]).toMatchObject({ actor_kind: "console", target_id: userId, result: "done" });
});

describe.each(ways)("%s", (way) => {
  test("the list goes on where the page before ended", async () => {
    const first = await place.run(way, "audit", "list", "--limit", "2", "--json");
    const page = JSON.parse(first.stdout) as {
      entries: { sequence: number }[];
      next_cursor: string;
    };
    const cursor = page.next_cursor;
    expect(first.stderr).toContain(`--cursor ${cursor}`);
    const next = await place.run(
      way,
      "audit",
      "list",
      "--limit",
      "1",
      "--json",
      "--cursor",
      cursor,
    );
    expect(JSON.parse(next.stdout)).toMatchObject({
      entries: [{ sequence: page.entries[1]!.sequence - 1 }],
    });
  });

  test("an export and a head are verified by themselves", async () => {
    const head = join(elsewhere, `${way}.head`);
    const file = join(elsewhere, `${way}.jsonl`);
    expect((await place.run(way, "audit", "head", "--out", head)).code).toBe(0);
    const wrote = await place.run(way, "audit", "export", "--out", file);
    expect(wrote).toMatchObject({ code: 0, stderr: "" });
    expect(wrote.stdout).toMatch(/^Wrote \d+ lines to /);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(head).mode & 0o777).toBe(0o600);
    expect(await verify(file, "--head", head)).toMatchObject({ code: 0, stderr: "" });

    const lines = readFileSync(file, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"sequence":3,'));
    const edited = join(elsewhere, `${way}-edited.jsonl`);
    writeFileSync(edited, lines.toSpliced(at, 1).join("\n"));
    expect(await verify(edited)).toMatchObject({ code: 1, stdout: "Entry 3: missing.\n" });
  });

  test("an export goes to standard output, and never over a file", async () => {
    const printed = await place.run(way, "audit", "export");
    expect(printed).toMatchObject({ code: 0, stderr: "" });
    const file = join(elsewhere, `${way}-printed.jsonl`);
    writeFileSync(file, printed.stdout);
    expect((await verify(file, "--json")).stdout).toMatch(/^\{"ok":true,/);
    const again = await place.run(way, "audit", "export", "--out", file);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toBe(`error: the file ${file} is there already\n`);
    expect(readFileSync(file, "utf8")).toBe(printed.stdout);
    const head = await place.run(way, "audit", "head");
    writeFileSync(file, head.stdout);
    expect(await place.run(way, "audit", "verify", "--head", file)).toMatchObject({ code: 0 });
  });
});

test("a file is not verified at a hub", async () => {
  const ran = await verify("x.jsonl", "--hub", "https://hub.example");
  expect(ran).toMatchObject({ code: 2, stderr: "error: both FILE and --hub are given\n" });
});

// The launcher as it is started without npm: on whatever Node the machine has.
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { launcher } from "../harness/processes.ts";
import { runLeapmux } from "./run-leapmux.ts";

const olderNode = findOlderNode();

describe("the launcher", () => {
  test("prints version and Node on one line", async () => {
    const { code, stdout } = await runLeapmux(cleanupAfterTest(), ["version"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^leapmux \d+\.\d+\.\d+( · commit [0-9a-f]{12})? · node 26\.\d+\.\d+\n$/,
    );
  });

  test.each(["--version", "-version", "solo --version"])("%s is the same", async (line) => {
    const cleanup = cleanupAfterTest();
    const long = await runLeapmux(cleanup, ["version"]);
    expect(await runLeapmux(cleanup, line.split(" "))).toEqual(long);
  });

  test.runIf(olderNode !== undefined)("an older Node hands over to the pinned one", () => {
    const run = (args: string[]) =>
      spawnSync(olderNode ?? "", [launcher, ...args], { encoding: "utf8" });
    const version = run(["version"]);
    expect(version.stdout).toMatch(/ · node 26\./);
    expect(version.status).toBe(0);
    // Exit codes come through as they are.
    expect(run(["nonsense"]).status).toBe(2);
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("prints a script for %s", async (shell) => {
    const { code, stdout, stderr } = await runLeapmux(cleanupAfterTest(), ["completion", shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("leapmux complete --");
  });

  test("knows commands and flags", async () => {
    const cleanup = cleanupAfterTest();
    const commands = await runLeapmux(cleanup, ["complete", "--", ""]);
    for (const name of ["solo", "hub", "worker", "dev", "version", "completion"]) {
      expect(commands.stdout).toMatch(new RegExp(`^${name}\\b`, "m"));
    }
    expect(commands.stdout).not.toContain("print-completion");
    const flags = await runLeapmux(cleanup, ["complete", "--", "solo", "--enc"]);
    expect(flags.stdout).toMatch(/^--encryption-mode\b/m);
  });
});

/** A Node on the PATH, outside of the project, that is older than the pinned one. */
function findOlderNode(): string | undefined {
  for (const dir of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (dir.includes("node_modules")) continue;
    try {
      const node = path.join(dir, "node");
      const version = execFileSync(node, ["--version"], { encoding: "utf8" });
      if (Number(/^v(\d+)/.exec(version)?.[1]) < 26) return node;
    } catch {
      // No Node here.
    }
  }
  return undefined;
}

/**
 * Two people build the same commit: in other folders, at other times, with other locales, time zones, umasks
 * and leftovers. What comes out is the same, byte for byte, so that one can check what the other serves.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildFrontend } from "@leapmux/cli/build-frontend.ts";
import { makeOutput } from "@leapmux/cli/output.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { copyFrontend } from "../harness/copy-frontend.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";

const silent = makeOutput({ write: () => true }, { write: () => true }, true);

/** The folder, every file with mode and digest. */
async function build(root: string): Promise<Record<string, string>> {
  const dist = await buildFrontend(silent, new AbortController().signal, root);
  const files: Record<string, string> = {};
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const mode = (statSync(file).mode & 0o777).toString(8);
    const digest = entry.isFile()
      ? createHash("sha256").update(readFileSync(file)).digest("hex")
      : "";
    files[relative(dist, file)] = `${mode} ${digest}`;
  }
  return files;
}

/** Until the test ends. */
function changeProcess(cleanup: Cleanup, variables: Record<string, string>, umask: number): void {
  const before = { ...process.env };
  const umaskBefore = process.umask(umask);
  Object.assign(process.env, variables);
  cleanup.add(() => {
    process.umask(umaskBefore);
    for (const name of Object.keys(variables)) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

test("folder, time, locale, umask, environment and leftovers make no difference", async () => {
  const cleanup = cleanupAfterTest();
  const one = await makeTemporaryDirectory(cleanup);
  const other = join(await makeTemporaryDirectory(cleanup), "a deeper/plàce/of it");
  mkdirSync(other, { recursive: true });
  copyFrontend(one);
  copyFrontend(other);

  const first = await build(one);
  changeProcess(
    cleanup,
    { TZ: "Asia/Tokyo", LC_ALL: "tr_TR.UTF-8", NODE_ENV: "development", VITE_EXTRA: "1" },
    0o077,
  );
  for (const file of readdirSync(join(other, "frontend"), { recursive: true, encoding: "utf8" })) {
    utimesSync(join(other, "frontend", file), 1_000_000_000, 1_000_000_000);
  }
  // What a developer may have lying around, and no commit holds.
  writeFileSync(join(other, "frontend/.env"), "VITE_LEFTOVER=1\n");
  writeFileSync(join(other, "frontend/.env.production"), "NODE_ENV=development\n");
  mkdirSync(join(other, "frontend/public"));
  writeFileSync(join(other, "frontend/public/leftover.js"), "alert(1);\n");
  const second = await build(other);

  expect(second).toEqual(first);
  const names = Object.keys(first);
  expect(names).toContain("index.html");
  expect(names).toContain(".manifest.json");
  expect(names.filter((name) => name.endsWith(".br")).length).toBeGreaterThan(5);
  expect(names.filter((name) => name.endsWith(".gz")).length).toBeGreaterThan(5);
}, 240_000);

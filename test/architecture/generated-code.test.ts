import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

test("the generated code is what the protos give now", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "leapmux-generated-"));
  try {
    const buf = path.join(root, "node_modules/.bin/buf");
    execFileSync(buf, ["generate", "--output", dir], { cwd: root, stdio: "pipe" });
    const fresh = listFiles(path.join(dir, "proto/gen"));
    expect(fresh.length).toBeGreaterThan(0);
    expect(listFiles(path.join(root, "proto/gen"))).toEqual(fresh);
    for (const file of fresh) {
      const committed = readFileSync(path.join(root, "proto/gen", file), "utf8");
      expect(committed, file).toBe(readFileSync(path.join(dir, "proto/gen", file), "utf8"));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

function listFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}

// What runs in the page's threads has neither a window nor a document: their built files name none. A helper of the
// page that gets among them would fail only when it is used, such as at a hub that has just gone.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

const assets = path.join(root, "frontend/dist/assets");
const files = readdirSync(assets);
const threads = files.filter((file) => /-worker-[\w-]+\.js$/.test(file));

/** A built file and everything that it imports, at once or later. */
function walkChunks(entry: string, found = new Map<string, string>()): Map<string, string> {
  if (found.has(entry)) return found;
  const code = readFileSync(path.join(assets, entry), "utf8");
  found.set(entry, code);
  for (const [, , next] of code.matchAll(/\b(?:from|import)\s*(\(\s*)?["'`]\.\/([\w.-]+\.js)/g)) {
    if (next) walkChunks(next, found);
  }
  return found;
}

test("all threads are built, the one for channels together with what it shares with the page", () => {
  expect(threads.map((file) => file.replace(/-worker-.*/, "")).toSorted()).toEqual([
    "crypto",
    "device",
    "fingerprint",
  ]);
  const crypto = threads.find((file) => file.startsWith("crypto-")) ?? "";
  expect(walkChunks(crypto).size).toBeGreaterThan(1);
});

test.each(threads)("%s and what it imports need no window and no document", (thread) => {
  for (const [file, code] of walkChunks(thread)) {
    // The list of words has both, each in a line of its own; noble's tables have a window size.
    const names =
      code
        .replaceAll(/^[a-z]+$|window size/gm, "")
        .match(/.{0,40}\b(?:window|document)\b.{0,40}/g) ?? [];
    expect({ file, names }).toEqual({ file, names: [] });
  }
});

test.each(threads)("%s loads nothing later: a failed import would stay failed", (thread) => {
  for (const [file, code] of walkChunks(thread)) {
    expect({ file, imports: code.match(/\bimport\s*\(/g) ?? [] }).toEqual({ file, imports: [] });
  }
});

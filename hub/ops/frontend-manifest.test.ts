import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFrontendManifest } from "./frontend-manifest.ts";
import { loadStaticFiles } from "./static-files.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-manifest-"));
  mkdirSync(join(directory, "assets"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("the text is JSON, sorted by code unit, and its hash is its SHA-256", () => {
  const files = [
    ["b", Buffer.from("2")],
    ["a/Z", Buffer.from("")],
    ["a/a", Buffer.from("1")],
  ] as const;
  const manifest = makeFrontendManifest(files);
  expect(JSON.parse(manifest.text)).toEqual({
    format: 1,
    files: [
      { path: "a/Z", size: 0, sha256: sha256("") },
      { path: "a/a", size: 1, sha256: sha256("1") },
      { path: "b", size: 1, sha256: sha256("2") },
    ],
  });
  expect(manifest.hash).toBe(sha256(manifest.text));
  expect(makeFrontendManifest([...files].reverse())).toEqual(manifest);
});

test("what is served is listed, ready-made encodings too, and nothing else", () => {
  write("index.html", "<p>");
  write("assets/x-12345678.js", "1");
  write("assets/x-12345678.js.br", "b");
  write("assets/x-12345678.js.gz", "g");
  write("assets/stray.br", "alone");
  write("unknown.bin", "?");
  write(".manifest.json", "{}");
  const { manifest, find } = loadStaticFiles(directory);
  expect(manifest?.entries.map(({ path }) => path)).toEqual([
    "assets/x-12345678.js",
    "assets/x-12345678.js.br",
    "assets/x-12345678.js.gz",
    "index.html",
  ]);
  expect(find("/.manifest.json")).toBeNull();
  expect(find("/unknown.bin")).toBeNull();
});

test("without a frontend there is no manifest", () => {
  expect(loadStaticFiles(null).manifest).toBeNull();
  expect(loadStaticFiles(directory).manifest).toBeNull();
});

import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyRingError, loadKeyRing } from "./key-ring.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-keys-"));
  file = join(directory, "encryption.key");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const load = () => loadKeyRing(directory, { mayMake: false });
const write = (text: string, mode = 0o600) => {
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
};
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64");

test("the file is made at the first start, for its owner only, and stays as it is", () => {
  const ring = loadKeyRing(directory, { mayMake: true });
  expect(ring.activeVersion).toBe(1);
  expect(ring.keys.get(1)).toHaveLength(32);
  expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  const text = readFileSync(file, "utf8");
  expect(loadKeyRing(directory, { mayMake: true })).toEqual(ring);
  expect(load()).toEqual(ring);
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(readdirSync(directory)).toEqual(["encryption.key"]);
});

test("two rings are never alike", () => {
  const { keys } = loadKeyRing(directory, { mayMake: true });
  rmSync(file);
  expect(loadKeyRing(directory, { mayMake: true }).keys.get(1)).not.toEqual(keys.get(1));
});

test("where something was sealed already, a missing file is not made anew", () => {
  expect(load).toThrow(/missing.*restore it from a backup/);
  expect(readdirSync(directory)).toEqual([]);
});

test("comments, empty lines and any order are fine, the highest version is active", () => {
  write(`# ring\r\n\n 4294967295:${keyOf(9)}  # newest\r\n2:${keyOf(2)}\n  1:${keyOf(1)}`);
  const ring = load();
  expect(ring.activeVersion).toBe(4_294_967_295);
  expect([...ring.keys].map(([version, key]) => [version, key[0]])).toEqual([
    [4_294_967_295, 9],
    [2, 2],
    [1, 1],
  ]);
});

test.each([
  ["nothing", ""],
  ["comments only", "# 1:abc\n"],
  ["a key without a version", `${keyOf(1)}\n`],
  ["version 0", `0:${keyOf(1)}\n`],
  ["a negative version", `-1:${keyOf(1)}\n`],
  ["a version with a leading zero", `01:${keyOf(1)}\n`],
  ["a version beyond 32 bits", `4294967296:${keyOf(1)}\n`],
  ["the same version twice", `1:${keyOf(1)}\n1:${keyOf(2)}\n`],
  ["a short key", `1:${Buffer.alloc(31, 1).toString("base64")}\n`],
  ["a long key", `1:${Buffer.alloc(33, 1).toString("base64")}\n`],
  ["a cut key", `1:${keyOf(1).slice(0, 20)}`],
  ["bits beyond the last byte", `1:${keyOf(1).replace(/.=$/, "F=")}\n`],
  ["base64url", `1:${Buffer.alloc(32, 255).toString("base64url")}=\n`],
  ["a good key before a bad line", `1:${keyOf(1)}\nnonsense\n`],
  ["too much", `1:${keyOf(1)}\n${"#".repeat(70_000)}`],
])("a file with %s is refused, and not a byte of it is told", (_, text) => {
  write(text);
  expect(load).toThrow(KeyRingError);
  expect(load).toThrow(/damaged \(.+\): restore it from a backup/);
  for (const line of text.split("\n")) {
    if (line.length > 20) expect(load).not.toThrow(line.slice(2, 20));
  }
});

test.each([0o640, 0o604, 0o660, 0o644])("a file that others may use (%o) is refused", (mode) => {
  write(`1:${keyOf(1)}\n`, mode);
  const refused = expect.objectContaining({
    code: "too_open",
    next: expect.stringContaining(`chmod 600 ${file}`),
  });
  expect(load).toThrow(refused);
});

test.each([0o770, 0o755, 0o777])("a directory that others may use (%o) is refused", (mode) => {
  write(`1:${keyOf(1)}\n`);
  chmodSync(directory, mode);
  const refused = expect.objectContaining({
    code: "too_open",
    next: expect.stringContaining(`chmod 700 ${directory}`),
  });
  expect(load).toThrow(refused);
  rmSync(file);
  // Before anything is written into it.
  expect(() => loadKeyRing(directory, { mayMake: true })).toThrow(refused);
  expect(readdirSync(directory)).toEqual([]);
});

import { randomBytes } from "node:crypto";
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
import { KeyRingError } from "./key-ring.ts";
import { lockKeyFiles } from "./lock-key-files.ts";
import { makeRingFile } from "./ring-file.ts";
import type { Wrapping } from "./wrapping-key.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-keys-"));
  file = join(directory, "encryption.key");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const random = (length: number) => new Uint8Array(randomBytes(length));
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const open = (wrapping: Wrapping = { kind: "none" }) =>
  makeRingFile({ directory, wrapping, random, wallMs: () => nowMs });
const load = () => open().load({ mayMake: false });
const make = () => open().load({ mayMake: true });
const write = (text: string, mode = 0o600) => {
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
};
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64");

test("the file is made at the first start, for its owner only, and stays as it is", async () => {
  const ring = await make();
  expect(ring.activeVersion).toBe(1);
  expect(ring.keys.get(1)).toHaveLength(32);
  expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  const text = readFileSync(file, "utf8");
  expect(await make()).toEqual(ring);
  expect(await load()).toEqual(ring);
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(readdirSync(directory).sort()).toEqual(["encryption.key", "keys.lock"]);
});

test("two rings are never alike", async () => {
  const { keys } = await make();
  rmSync(file);
  expect((await make()).keys.get(1)).not.toEqual(keys.get(1));
});

test("where something was sealed already, a missing file is not made anew", async () => {
  await expect(load()).rejects.toThrow(/missing.*restore it from a backup/);
  expect(readdirSync(directory)).toEqual([]);
});

test("comments, empty lines and any order are fine, the highest version is active", async () => {
  write(`# ring\r\n\n 4294967295:${keyOf(9)}  # newest\r\n2:${keyOf(2)}\n  1:${keyOf(1)}`);
  const ring = await load();
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
])("a file with %s is refused, and not a byte of it is told", async (_, text) => {
  write(text);
  await expect(load()).rejects.toThrow(KeyRingError);
  await expect(load()).rejects.toThrow(/damaged \(.+\): restore it from a backup/);
  for (const line of text.split("\n")) {
    if (line.length <= 20) continue;
    await expect(load()).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(line.slice(2, 20)) }),
    );
  }
});

test.each([0o640, 0o604, 0o660, 0o644])(
  "a file that others may use (%o) is refused",
  async (mode) => {
    write(`1:${keyOf(1)}\n`, mode);
    const refused = expect.objectContaining({
      code: "too_open",
      next: expect.stringContaining(`chmod 600 ${file}`),
    });
    await expect(load()).rejects.toThrow(refused);
  },
);

test.each([0o770, 0o755, 0o757, 0o777])(
  "a directory that others may use (%o) is refused",
  async (mode) => {
    write(`1:${keyOf(1)}\n`);
    chmodSync(directory, mode);
    const refused = expect.objectContaining({
      code: "too_open",
      next: expect.stringContaining(`chmod 700 ${directory}`),
    });
    await expect(load()).rejects.toThrow(refused);
    rmSync(file);
    // Before anything is written into it.
    await expect(make()).rejects.toThrow(refused);
    expect(readdirSync(directory)).toEqual([]);
  },
);

test("a group may list the directory, which shows names alone", async () => {
  write(`1:${keyOf(1)}\n`);
  chmodSync(directory, 0o750);
  expect((await load()).activeVersion).toBe(1);
});

test("it is known when each key was made, and a text that says nothing of it is as good", async () => {
  expect((await make()).madeAtMs).toEqual(new Map([[1, nowMs]]));
  expect(readFileSync(file, "utf8")).toMatch(/^1:.{44} # made 2026-01-02T03:04:05\.000Z$/m);
  write(`1:${keyOf(1)} # made on a Monday\n2:${keyOf(2)}#made 2026-01-02T03:04:05.000Z\n`);
  expect((await load()).madeAtMs).toEqual(new Map());
});

test("a change is for its owner only, keeps what is left of a killed one apart, and drops it", async () => {
  const before = await make();
  const leftover = `${file}.0123456789abcdef.new`;
  writeFileSync(leftover, "1:", { mode: 0o600 });
  writeFileSync(`${file}.old`, "somebody's own", { mode: 0o600 });
  await open().change((ring, replace) => replace({ ...ring, madeAtMs: new Map() }));
  expect(await load()).toEqual({ ...before, madeAtMs: new Map() });
  expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
  expect(readdirSync(directory).sort()).toEqual([
    "encryption.key",
    "encryption.key.old",
    "keys.lock",
  ]);
});

test("of two who change it at the same time one is told to come again, and nothing is mixed", async () => {
  await make();
  const text = readFileSync(file, "utf8");
  await lockKeyFiles(directory, async () => {
    const refused = { name: "KeyFilesBusyError" };
    const change = open().change((ring, replace) => replace(ring));
    await expect(change).rejects.toMatchObject(refused);
  });
  expect(readFileSync(file, "utf8")).toBe(text);
  await open().change((ring, replace) => replace(ring));
});

import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRingFile } from "./ring-file.ts";
import { readWrappingKey, type Wrapping } from "./wrapping-key.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-wrapped-"));
  file = join(directory, "encryption.key");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const random = (length: number) => new Uint8Array(randomBytes(length));
const open = (wrapping: Wrapping) =>
  makeRingFile({ directory, wrapping, random, wallMs: () => 1_700_000_000_000 });
const passphrase = { kind: "passphrase", passphrase: "correct horse battery" } as const;
const plain = { kind: "none" } as const;

function keyFile(content: string | Uint8Array = randomBytes(32), name = "kek"): Wrapping {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return { kind: "file", path };
}
const printing = (text: string): Wrapping => ({
  kind: "command",
  command: [process.execPath, "-e", `process.stdout.write(${JSON.stringify(text)})`],
});

test.each(["passphrase", "file", "command"])(
  "by %s: made wrapped, opened, rotated",
  async (kind) => {
    const wrapping =
      kind === "passphrase"
        ? passphrase
        : kind === "file"
          ? keyFile()
          : printing(`${randomBytes(32).toString("base64")}\n`);
    const ring = await open(wrapping).load({ mayMake: true });
    const text = readFileSync(file, "utf8");
    const inClear = Buffer.from(ring.keys.get(1) ?? []).toString("base64");
    expect(text).toMatch(/^leapmux-wrapped-keys:1:/m);
    expect(text).not.toContain(inClear);
    expect(await open(wrapping).load({ mayMake: false })).toEqual(ring);
    await open(wrapping).change((before, replace) => replace({ ...before, madeAtMs: new Map() }));
    expect((await open(wrapping).load({ mayMake: false })).keys).toEqual(ring.keys);
    expect(open(wrapping).wrapped()).toBe(kind === "passphrase" ? "passphrase" : "key");
  },
);

test("wrapped, wrapped otherwise and unwrapped, the keys stay the same", async () => {
  const ring = await open(plain).load({ mayMake: true });
  await open(plain).rewrap(passphrase);
  const first = readFileSync(file, "utf8");
  const byFile = keyFile();
  // The same passphrase once more: another salt.
  await open(passphrase).rewrap(passphrase);
  expect(readFileSync(file, "utf8").split("\n")[1]).not.toBe(first.split("\n")[1]);
  await open(passphrase).rewrap(byFile);
  await expect(open(passphrase).load({ mayMake: false })).rejects.toThrow(
    /is wrapped: set encryption_key_wrap to file or command/,
  );
  expect(await open(byFile).load({ mayMake: false })).toEqual(ring);
  await open(byFile).rewrap(plain);
  expect(await open(plain).load({ mayMake: false })).toEqual(ring);
  expect(readdirSync(directory).sort()).toEqual(["encryption.key", "kek", "keys.lock"]);
});

test("where wrapping is asked for a plain file is refused, and the other way round", async () => {
  await open(plain).load({ mayMake: true });
  await expect(open(passphrase).load({ mayMake: false })).rejects.toThrow(
    /is not wrapped.*encryption-key wrap/,
  );
  await open(plain).rewrap(passphrase);
  await expect(open(plain).load({ mayMake: false })).rejects.toThrow(
    /set encryption_key_wrap to passphrase/,
  );
});

test("a wrong passphrase, or any altered part, opens nothing and tells nothing", async () => {
  await open(passphrase).load({ mayMake: true });
  const text = readFileSync(file, "utf8");
  const wrong = { kind: "passphrase", passphrase: "another one of those" } as const;
  await expect(open(wrong).load({ mayMake: false })).rejects.toThrow(/does not open with/);
  const altered = [
    text.replace("t=3", "t=4"),
    text.replace("p=1:", "p=2:"),
    text.replace(
      /(p=1:)(.)/,
      (_, head: string, letter: string) => head + (letter === "A" ? "B" : "A"),
    ),
    text.replace(/\n(.{60})(.)/, "\n$1"),
    text.split("\n").slice(0, 2).join("\n"),
  ];
  for (const each of altered) {
    expect(each).not.toBe(text);
    writeFileSync(file, each);
    const failed = open(passphrase).load({ mayMake: false });
    await expect(failed).rejects.toThrow(/does not open|damaged/);
    await expect(failed).rejects.not.toThrow("correct horse");
  }
});

test.each([
  ["m=4194304,t=3,p=1", /out of bounds/],
  ["m=65536,t=99,p=1", /out of bounds/],
  ["m=65536,t=3,p=64", /out of bounds/],
  ["m=8,t=1,p=1", /out of bounds/],
  ["m=99999999,t=3,p=1", /damaged/],
  ["m=65536,t=3", /damaged/],
])("parameters %s are refused before any work", async (parameters, message) => {
  await open(passphrase).load({ mayMake: true });
  const text = readFileSync(file, "utf8").replace(/m=\d+,t=\d+,p=\d+/, parameters);
  writeFileSync(file, text);
  await expect(open(passphrase).load({ mayMake: false })).rejects.toThrow(message);
});

test("a file of a later version is said to be one", async () => {
  writeFileSync(file, "leapmux-wrapped-keys:2:quantum\nAAAA\n", { mode: 0o600 });
  await expect(open(passphrase).load({ mayMake: false })).rejects.toThrow(/newer version/);
});

test("a key is 32 bytes, or these in base64 or hex, of a file that is ours alone", async () => {
  const key = randomBytes(32);
  for (const content of [key, `${key.toString("base64")}\n`, key.toString("hex")]) {
    const wrapping = keyFile(content) as Extract<Wrapping, { kind: "file" }>;
    expect(await readWrappingKey(wrapping)).toEqual(new Uint8Array(key));
  }
  for (const content of ["", "secret-but-short", randomBytes(31), "a".repeat(10_000)]) {
    const wrapping = keyFile(content) as Extract<Wrapping, { kind: "file" }>;
    await expect(readWrappingKey(wrapping)).rejects.toThrow(/is no key/);
    await expect(readWrappingKey(wrapping)).rejects.not.toThrow("secret");
  }
  const wide = keyFile(key) as Extract<Wrapping, { kind: "file" }>;
  chmodSync(wide.path, 0o644);
  await expect(readWrappingKey(wide)).rejects.toMatchObject({ code: "too_open" });
});

test.each([
  ["prints no key", ["-e", "console.log('secret-output')"], /printed something else/],
  [
    "prints without end",
    ["-e", "for(;;) process.stdout.write('secret-output'.repeat(1000))"],
    /printed too much/,
  ],
  ["fails", ["-e", "console.error('secret-output'); process.exit(7)"], /failed with exit code 7/],
  ["never ends", ["-e", "setInterval(() => {}, 1000)"], /took longer than 0.2 s/],
])("a command that %s is refused, and nothing that it wrote is told", async (_, args, message) => {
  const wrapping = { kind: "command", command: [process.execPath, ...args] } as const;
  const timeoutMs = args[1]?.startsWith("setInterval") === true ? 200 : 30_000;
  const failed = readWrappingKey(wrapping, { timeoutMs });
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.not.toThrow("secret-output");
});

test("a command is no line of a shell", async () => {
  const made = join(directory, "made");
  const wrapping = {
    kind: "command",
    command: ["echo", `$(touch ${made})`, ";", "touch", made],
  } as const;
  await expect(readWrappingKey(wrapping)).rejects.toThrow(/printed something else/);
  expect(readdirSync(directory)).not.toContain("made");
  const absent = { kind: "command", command: ["/nowhere/kms"] } as const;
  await expect(readWrappingKey(absent)).rejects.toThrow(
    /\/nowhere\/kms.*could not be run \(ENOENT\)/,
  );
});

test("a command that gives another key each time wraps nothing, and so does a short passphrase", async () => {
  const ring = await open(plain).load({ mayMake: true });
  const script = "process.stdout.write(require('node:crypto').randomBytes(32))";
  const fickle = { kind: "command", command: [process.execPath, "-e", script] } as const;
  await expect(open(plain).rewrap(fickle)).rejects.toThrow(/another one each time/);
  const short = { kind: "passphrase", passphrase: "elevenchars" } as const;
  await expect(open(plain).rewrap(short)).rejects.toThrow(/at least 12 characters/);
  expect(await open(plain).load({ mayMake: false })).toEqual(ring);
});

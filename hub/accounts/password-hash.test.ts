import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { makeFairTurns } from "./fair-turns.ts";
import { HasherBusyError, makePasswordHasher } from "./password-hash.ts";

const password = "correct horse battery";
const caller = { kind: "network", key: "192.0.2.1" } as const;

function make(maxConcurrent: number, maxQueued: number) {
  const room = { maxQueued, maxQueuedPerCaller: maxQueued };
  return makePasswordHasher(makeFairTurns({ maxConcurrent, networks: room, accounts: room }));
}

const hasher = make(2, 100);

/** A PHC string as another program or an older version of ours would have written it. */
function phc(parameters: { m: number; t: number; p: number }, text = password, tagLength = 32) {
  const nonce = Buffer.from("0123456789abcdef");
  const tag = argon2Sync("argon2id", {
    message: text,
    nonce,
    memory: parameters.m,
    passes: parameters.t,
    parallelism: parameters.p,
    tagLength,
  });
  const unpadded = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  const { m, t, p } = parameters;
  return `$argon2id$v=19$m=${m},t=${t},p=${p}$${unpadded(nonce)}$${unpadded(tag)}`;
}

test("a password is known again, any other is not, and no two hashes are equal", async () => {
  const stored = await hasher.hash(password, caller);
  expect(stored).toMatch(
    /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
  expect(await hasher.verify(password, stored, caller)).toBe(true);
  for (const other of ["", `${password} `, password.toUpperCase(), "x".repeat(5_000)]) {
    expect(await hasher.verify(other, stored, caller)).toBe(false);
  }
  expect(await hasher.hash(password, caller)).not.toBe(stored);
  expect(hasher.needsRehash(stored)).toBe(false);
});

test("one character written in two ways is one character", async () => {
  const stored = await hasher.hash("Bücherregal", caller);
  expect(await hasher.verify("Bu\u0308cherregal", stored, caller)).toBe(true);
});

test("without a stored hash nothing is right, not even the empty password", async () => {
  expect(await hasher.verify("", null, caller)).toBe(false);
  expect(await hasher.verify(password, null, caller)).toBe(false);
});

test("older parameters still count and ask to be replaced", async () => {
  const older = phc({ m: 8_192, t: 3, p: 1 });
  expect(await hasher.verify(password, older, caller)).toBe(true);
  expect(await hasher.verify("another one", older, caller)).toBe(false);
  expect(hasher.needsRehash(older)).toBe(true);
});

test.each([
  ["too little memory", phc({ m: 64, t: 2, p: 1 })],
  ["too short a tag", phc({ m: 8_192, t: 2, p: 1 }, password, 8)],
  ["too much memory", phc({ m: 8_192, t: 2, p: 1 }).replace("m=8192", "m=4194304")],
  ["too many passes", phc({ m: 8_192, t: 2, p: 1 }).replace("t=2", "t=99")],
  ["no passes", phc({ m: 8_192, t: 2, p: 1 }).replace("t=2", "t=0")],
  ["another algorithm", phc({ m: 8_192, t: 2, p: 1 }).replace("argon2id", "argon2i")],
  ["another version", phc({ m: 8_192, t: 2, p: 1 }).replace("v=19", "v=16")],
  ["nothing", ""],
  ["what is no hash at all", "$argon2id$v=19$m=8192,t=2,p=1$$"],
])("a stored hash with %s is refused, not computed", async (_, stored) => {
  expect(await hasher.verify(password, stored, caller)).toBe(false);
  expect(hasher.needsRehash(stored)).toBe(true);
});

test("whoever comes when the queue is full is told so, the others are served", async () => {
  const small = make(1, 2);
  const stored = await small.hash(password, caller);
  const tries = Array.from({ length: 5 }, () => small.verify(password, stored, caller));
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  expect(outcomes.at(-1)).toMatchObject({ reason: expect.any(HasherBusyError) });
  // Its places are free again, those of the refused ones included.
  expect(await Promise.all([1, 2, 3].map(() => small.verify(password, stored, caller)))).toEqual([
    true,
    true,
    true,
  ]);
});

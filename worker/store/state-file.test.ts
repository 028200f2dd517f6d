import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { generateSlhDsaKey } from "@leapmux/native/native-signer.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { beforeEach, expect, test } from "vitest";
import { openStateFile, readIdentity, type WorkerState } from "./state-file.ts";
import { StateError } from "./state-error.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), "leapmux-state-")), "worker");
});

function open(bundled = true): WorkerState {
  const primitives = nativePrimitives;
  return openStateFile({ dataDir, primitives, random: nodeRandom, bundled, generateSlhDsaKey });
}

function refusal(): StateError | PrivatePathError {
  try {
    open();
  } catch (error) {
    if (error instanceof StateError || error instanceof PrivatePathError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

test("made at the first run, for the owner alone, and the same at every later one", () => {
  const first = open();
  expect(first.workerId).toMatch(/^wkr_[\w-]{22}$/);
  expect(first.secrets.compositePublicKey).toHaveLength(1664);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dataDir, "state.json")).mode & 0o777).toBe(0o600);
  const second = open();
  expect(second.workerId).toBe(first.workerId);
  expect(second.workerToken).toBe(first.workerToken);
  expect(second.secrets.compositePublicKey).toEqual(first.secrets.compositePublicKey);
  expect(readdirSync(dataDir)).toEqual(["state.json"]);
});

test("a worker of its own has no token until a hub gave one", () => {
  const state = open(false);
  expect(state.workerToken).toBeNull();
  state.saveToken("given", "http://hub");
  expect(state.workerToken).toBe("given");
  expect(open(false)).toMatchObject({ workerToken: "given", hubAddress: "http://hub" });
  state.saveHubAddress("http://moved");
  expect(open(false).hubAddress).toBe("http://moved");
});

test("wiped: keys and token are gone, the next start is a new worker", () => {
  const first = open(false);
  first.saveToken("given", null);
  first.wipe();
  expect(first.workerToken).toBeNull();
  expect(readdirSync(dataDir)).toEqual([]);
  const second = open(false);
  expect(second.workerId).not.toBe(first.workerId);
  expect(second.secrets.compositePublicKey).not.toEqual(first.secrets.compositePublicKey);
  expect(second.workerToken).toBeNull();
});

const atMs = Date.UTC(2026, 10, 25, 12, 40);
const refusedFile = "state.json.refused-20261125T124000Z";

test("refused by its hub: set aside as it was, for the owner alone, and used by nothing", () => {
  const first = open(false);
  first.saveToken("given", "http://hub");
  const before = readFileSync(join(dataDir, "state.json"), "utf8");
  first.setAside(atMs);
  expect(first.workerToken).toBeNull();
  expect(readdirSync(dataDir)).toEqual([refusedFile]);
  expect(statSync(join(dataDir, refusedFile)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataDir, refusedFile), "utf8")).toBe(before);
  expect(readIdentity(dataDir, nativePrimitives)).toEqual({
    workerId: first.workerId,
    compositePublicKey: first.secrets.compositePublicKey,
  });
  // Looking at it changes nothing, and registers nothing.
  expect(open(false)).toMatchObject({
    workerToken: null,
    hubAddress: null,
    refusedState: join(dataDir, refusedFile),
  });
  expect(readdirSync(dataDir)).toEqual([refusedFile]);
});

test("registered anew: the same worker under the same keys, and nothing is left aside", () => {
  const first = open(false);
  first.saveToken("given", "http://hub");
  first.setAside(atMs);
  const second = open(false);
  second.saveToken("another", "http://hub");
  expect(second.refusedState).toBeNull();
  expect(readdirSync(dataDir)).toEqual(["state.json"]);
  const third = open(false);
  expect([third.workerId, third.workerToken]).toEqual([first.workerId, "another"]);
  expect(third.secrets.compositePublicKey).toEqual(first.secrets.compositePublicKey);
});

test("put back by hand: the registration that it was", () => {
  const first = open(false);
  first.saveToken("given", "http://hub");
  first.setAside(atMs);
  renameSync(join(dataDir, refusedFile), join(dataDir, "state.json"));
  expect(open(false)).toMatchObject({ workerToken: "given", hubAddress: "http://hub" });
});

test("only the newest is kept aside, and being deregistered removes that too", () => {
  const state = open(false);
  state.saveToken("given", null);
  writeFileSync(join(dataDir, "state.json.refused-20270101T000000Z"), "older, by a wrong clock");
  writeFileSync(join(dataDir, "state.json.refused-notes"), "somebody's own");
  state.setAside(atMs);
  expect(readdirSync(dataDir)).toEqual([refusedFile, "state.json.refused-notes"]);
  const again = open(false);
  again.wipe();
  expect(readdirSync(dataDir)).toEqual(["state.json.refused-notes"]);
  expect(open(false).workerId).not.toBe(state.workerId);
});

test("what was set aside and is open to others, or damaged, is refused and not replaced", () => {
  const state = open(false);
  state.setAside(atMs);
  chmodSync(join(dataDir, refusedFile), 0o644);
  expect(() => open(false)).toThrow(PrivatePathError);
  chmodSync(join(dataDir, refusedFile), 0o600);
  writeFileSync(join(dataDir, refusedFile), "null");
  expect(() => open(false)).toThrow(StateError);
  expect(readdirSync(dataDir)).toEqual([refusedFile]);
});

test("open to others: refused, with the command that helps", () => {
  open();
  const path = join(dataDir, "state.json");
  chmodSync(path, 0o640);
  const next = (command: string) => ({ code: "too_open", next: expect.stringContaining(command) });
  expect(refusal()).toMatchObject(next(`chmod 600 ${path}`));
  chmodSync(path, 0o600);
  chmodSync(dataDir, 0o750);
  expect(refusal()).toMatchObject(next(`chmod 700 ${dataDir}`));
  chmodSync(dataDir, 0o700);
  expect(open().workerId).toMatch(/^wkr_/);
});

test("damaged: refused, and left as it is", () => {
  open();
  const path = join(dataDir, "state.json");
  const whole = readFileSync(path, "utf8");
  const damages: [string, string][] = [
    ["", "unreadable"],
    ["null", "corrupt"],
    [whole.replace('"version": 1', '"version": 2'), "corrupt"],
    [whole.replace(/"worker_id": ".*"/, '"worker_id": "../x"'), "corrupt"],
    [whole.replace(/"x25519Private": "../, '"x25519Private": "zz'), "corrupt"],
  ];
  for (const [content, code] of damages) {
    writeFileSync(path, content);
    expect(refusal().code).toBe(code);
    expect(readFileSync(path, "utf8")).toBe(content);
  }
});

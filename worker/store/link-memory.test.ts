import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLinkMemory } from "./link-memory.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "leapmux-link-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("the way is remembered for one hub, readable by its owner alone", () => {
  const memory = makeLinkMemory(directory, "https://hub.example");
  expect(memory.read()).toBeUndefined();
  memory.write("websocket");
  expect(memory.read()).toBe("websocket");
  expect(makeLinkMemory(directory, "https://other.example").read()).toBeUndefined();
  expect(statSync(join(directory, "link.json")).mode & 0o777).toBe(0o600);
});

test.each(["", "null", "[]", "{}", '{"hub":"https://hub.example","link":"carrier pigeon"}'])(
  "a damaged file (%s) is forgotten",
  (content) => {
    writeFileSync(join(directory, "link.json"), content);
    expect(makeLinkMemory(directory, "https://hub.example").read()).toBeUndefined();
  },
);

test("a directory that cannot be written is no reason to fail", () => {
  const memory = makeLinkMemory(join(directory, "file", "below"), "https://hub.example");
  writeFileSync(join(directory, "file"), "");
  memory.write("grpc");
  expect(memory.read()).toBeUndefined();
});

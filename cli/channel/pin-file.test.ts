import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pin } from "@leapmux/shared/identity/pin-store.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import { expect, onTestFinished, test } from "vitest";
import { makePinFile } from "./pin-file.ts";

function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), "leapmux-pins-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  return home;
}
const pin = (workerId: string, fill = 1): Pin => ({
  workerId,
  compositeKey: new Uint8Array(compositeKeyBytes).fill(fill),
  mode: "post-quantum",
  verified: false,
  firstSeenAtMs: 1,
  lastUsedAtMs: 2,
});

test("pins are kept by hub and worker, whatever a hub calls its workers", async () => {
  const file = makePinFile(makeHome());
  const [one, two] = ["https://one", "https://two"].map((hub) =>
    file.storageOf(hub, (id) => `n-${id}`),
  );
  for (const id of ["__proto__", "constructor", "w"]) await one!.put(pin(id));
  await two!.put(pin("w", 2));
  expect(await one!.get("__proto__")).toMatchObject(pin("__proto__"));
  expect(await one!.get("w")).toMatchObject(pin("w"));
  expect(await two!.get("w")).toMatchObject(pin("w", 2));
  expect(await two!.get("__proto__")).toBeNull();
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  expect(file.list().map(({ name }) => name)).toContain("n-w");

  await one!.put(pin("w", 3));
  expect(file.list()).toHaveLength(4);
  expect(file.remove("https://one", "w")).toBe(true);
  expect(file.remove("https://one", "w")).toBe(false);
  expect(await one!.get("w")).toBeNull();
  expect(await two!.get("w")).not.toBeNull();
});

test("cut anywhere, it is an error and never an empty file", async () => {
  const file = makePinFile(makeHome());
  const storage = file.storageOf("https://hub", () => "n");
  await storage.put(pin("w"));
  const whole = readFileSync(file.path);
  const end = whole.lastIndexOf("}");
  for (let length = end; length >= 0; length -= 97) {
    writeFileSync(file.path, whole);
    truncateSync(file.path, length);
    await expect(storage.get("w")).rejects.toThrow("is damaged");
    await expect(storage.put(pin("v"))).rejects.toThrow("is damaged");
  }
  writeFileSync(file.path, whole.toString().replace(/AQEB/, "!!!!"));
  expect(() => file.list()).toThrow("is damaged");
  writeFileSync(file.path, Buffer.alloc(9 * 1024 * 1024, " "));
  expect(() => file.list()).toThrow("is damaged");
});

test("what others may read or write is refused", async () => {
  const file = makePinFile(makeHome());
  const storage = file.storageOf("https://hub", () => "n");
  await storage.put(pin("w"));
  chmodSync(file.path, 0o620);
  await expect(storage.get("w")).rejects.toThrow("open to other users");
});

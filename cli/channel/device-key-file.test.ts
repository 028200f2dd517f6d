import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { verifyDeviceSignature } from "@leapmux/shared/identity/device-key.ts";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loadDeviceKey } from "./device-key-file.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "leapmux-device-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
});
const files = () => readdirSync(join(home, "leapmux")).map((name) => join(home, "leapmux", name));

test("it is made once for each hub, signs, and is for its owner alone", async () => {
  const one = loadDeviceKey(home, "https://one");
  expect(loadDeviceKey(home, "https://one").publicKey).toEqual(one.publicKey);
  expect(loadDeviceKey(home, "https://two").publicKey).not.toEqual(one.publicKey);
  const message = Buffer.from("said");
  const signature = await one.sign(message);
  expect(verifyDeviceSignature(nativeDevicePrimitives, one.publicKey, message, signature)).toBe(
    true,
  );
  expect(files()).toHaveLength(2);
  for (const file of files()) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "leapmux")).mode & 0o777).toBe(0o700);
});

test("what is damaged, of another hub, or open to others is refused and stays", () => {
  loadDeviceKey(home, "https://one");
  const [file = ""] = files();
  const whole = readFileSync(file, "utf8");
  const damaged = [
    "",
    whole.slice(0, 50),
    whole.replace("https://one", "https://two"),
    whole.replace(/("ml_dsa_seed":")[^"]*/, "$1AAAA"),
    `${whole}${" ".repeat(5000)}`,
  ];
  for (const content of damaged) {
    writeFileSync(file, content);
    expect(() => loadDeviceKey(home, "https://one")).toThrow("is damaged");
    expect(readFileSync(file, "utf8")).toBe(content);
  }
  writeFileSync(file, whole);
  chmodSync(file, 0o640);
  expect(() => loadDeviceKey(home, "https://one")).toThrow("open to other users");
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkVectorFile } from "./check-vector-file.ts";
import { generateDeviceVectors } from "./reference/generate-vectors.ts";

const text = readFileSync(new URL("devices-v1.json", import.meta.url), "utf8");

type Json = Record<string, unknown>;

async function failures(file: object): Promise<string[]> {
  const found: string[] = [];
  for await (const outcome of checkVectorFile(JSON.stringify(file))) {
    found.push(...outcome.failures);
  }
  return found;
}

test("production code passes what the reference implementation generates", async () => {
  expect(await failures(generateDeviceVectors("vectors.test", 3))).toEqual([]);
});

/** Another digit at this place of a field's hex. */
function flip(object: Json, key: string, at: number): void {
  const hex = object[key] as string;
  object[key] = `${hex.slice(0, at)}${hex[at] === "0" ? "1" : "0"}${hex.slice(at + 1)}`;
}

const part = (vector: Json, key: string): Json => vector[key] as Json;

test.each<[string, (vector: Json) => void]>([
  ["issuer.public_key", (vector) => flip(part(vector, "issuer"), "public_key", 9)],
  ["subject.public_key", (vector) => flip(part(vector, "subject"), "mldsa_seed", 9)],
  ["subject.device_id", (vector) => (part(vector, "subject")["device_id"] = "dev_x")],
  ["claim.signature", (vector) => flip(part(vector, "claim"), "binding", 0)],
  ["claim.signature", (vector) => flip(part(vector, "claim"), "signature", 3000)],
  ["grant.signed", (vector) => flip(part(vector, "grant"), "serial", 0)],
  ["grant.signed", (vector) => flip(part(vector, "grant"), "signed", 5000)],
  ["grant.signed", (vector) => (part(vector, "grant")["not_after_ms"] = 9_000_000_000_000)],
  ["grant.signed", (vector) => (part(vector, "grant")["workspace_ids"] = ["other"])],
  ["revocation.signed", (vector) => (part(vector, "revocation")["revoked_at_ms"] = 7)],
  ["pairing.worker_mac", (vector) => flip(part(vector, "pairing"), "worker_mac", 63)],
  ["pairing.device_mac", (vector) => flip(part(vector, "pairing"), "composite_key", 1)],
  ["pairing.key", (vector) => (part(vector, "pairing")["registration_key"] = "lmk_other")],
  ["surplus: unknown key", (vector) => (vector["surplus"] = 1)],
  ["claim.surplus: unknown key", (vector) => (part(vector, "claim")["surplus"] = 1)],
  ["grant.serial: must be 16 bytes", (vector) => (part(vector, "grant")["serial"] = "00")],
])("what was changed is found: %s", async (expected, change) => {
  const file = JSON.parse(text) as Json & { vectors: Json[] };
  const vector = file.vectors[1] ?? {};
  change(vector);
  const found = await failures({ ...file, vectors: [vector] });
  expect(found.join("\n")).toContain(expected);
});

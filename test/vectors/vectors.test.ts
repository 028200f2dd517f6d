import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CaseOutcome, checkVectorFile, productionChecks } from "./check-vector-file.ts";
import {
  checkDevicesWithReference,
  checkHandshakeWithReference,
  checkNoiseNkWithReference,
} from "./reference/check-with-reference.ts";
import { generateVectors } from "./reference/generate-vectors.ts";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
const handshakeText = read("handshake-v1.json");
const publishedText = read("noise-nk-published.json");
const devicesText = read("devices-v1.json");
const referenceChecks = {
  handshake: checkHandshakeWithReference,
  noiseNk: checkNoiseNkWithReference,
  devices: checkDevicesWithReference,
};

type Json = Record<string, unknown>;

async function outcomes(file: string | object, checks = productionChecks): Promise<CaseOutcome[]> {
  const text = typeof file === "string" ? file : JSON.stringify(file);
  const found: CaseOutcome[] = [];
  for await (const outcome of checkVectorFile(text, checks)) found.push(outcome);
  return found;
}

async function failures(file: string | object): Promise<string[]> {
  return (await outcomes(file)).flatMap((outcome) => outcome.failures);
}

/** A file with one case of the kind, after `change` was made to that case. */
function changed(text: string, index: number, change: (vector: Json) => void): object {
  const file = JSON.parse(text) as Json & { vectors: Json[] };
  const vector = file.vectors[index] ?? {};
  change(vector);
  return { ...file, vectors: [vector] };
}

describe.each([
  ["production code", productionChecks],
  ["reference implementation", referenceChecks],
])("%s", (_name, checks) => {
  test.each([
    ["handshake-v1.json", handshakeText, 2],
    ["noise-nk-published.json", publishedText, 1],
    ["devices-v1.json", devicesText, 3],
  ])("passes %s", async (_file, text, count) => {
    const found = await outcomes(text, checks);
    expect(found.flatMap((outcome) => outcome.failures)).toEqual([]);
    expect(found).toHaveLength(count);
  });
});

test("production code passes what the reference implementation generates", async () => {
  const seed = "vectors.test";
  const file = generateVectors(seed, 3);
  expect(await failures(file)).toEqual([]);
});

describe("a file that is not what it seems", () => {
  const handshake = JSON.parse(handshakeText) as Json;
  const published = JSON.parse(publishedText) as Json;

  test.each<[string, string | object, string]>([
    ["no JSON", "{", "is not JSON"],
    ["no object", "[]", "the file: must be an object"],
    ["no handshake case", { ...handshake, vectors: [] }, "vectors: no cases"],
    ["no published case", { ...published, vectors: [] }, "vectors: no cases"],
    ["no list of cases", { ...handshake, vectors: {} }, "vectors: must be a list"],
    ["another version", { ...handshake, version: 2 }, "version: must be a whole number"],
    ["an unknown key at the top", { ...handshake, extra: 1 }, "extra: unknown key"],
    ["a key of the other format", { ...handshake, source: "" }, "spec: unknown key"],
    ["a missing key", { spec: "protocol.md", vectors: handshake["vectors"] }, "version: missing"],
  ])("%s", async (_name, file, expected) => {
    const found = await outcomes(file);
    expect(found).toHaveLength(1);
    expect(found[0]?.failures).toHaveLength(1);
    expect(found[0]?.failures[0]).toContain(expected);
  });
});

/** Every place of a case where a key is, as a path. */
function paths(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, nested]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [here, ...paths(nested, here)];
  });
}

function parentOf(vector: Json, path: readonly (string | number)[]): Json {
  return path.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, vector);
}

/** Another valid value of the same kind. */
function corrupt(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? 1 : value - 1;
  if (value === "client_to_worker") return "worker_to_client";
  if (value === true) return false;
  if (typeof value !== "string") throw new Error("nothing to corrupt");
  // The high half of the first byte: clamping ignores bits of the low half.
  return (value.startsWith("5") ? "6" : "5") + value.slice(1);
}

const cases = [
  ["shared-a-classic", handshakeText, 1],
  ["the published case", publishedText, 0],
] as const;

describe.each(cases)("in %s", (_name, text, index) => {
  const vector = (JSON.parse(text) as { vectors: Json[] }).vectors[index] ?? {};
  const all = paths(vector);
  const leaves = all.filter(
    (path) => typeof parentOf(vector, path)[path.at(-1) ?? ""] !== "object",
  );
  const name = (path: readonly (string | number)[]) => path.join(".");

  test("every missing and every unknown key is an error", async () => {
    for (const path of all) {
      const key = path.at(-1) ?? "";
      if (typeof key === "number") continue;
      const missing = changed(text, index, (each) => delete parentOf(each, path)[key]);
      expect(await failures(missing), name(path)).toEqual([
        expect.stringContaining(`${key}: missing`),
      ]);
      const unknown = changed(text, index, (each) => (parentOf(each, path)["extra"] = 1));
      expect(await failures(unknown), name(path)).toEqual([
        expect.stringContaining("extra: unknown key"),
      ]);
    }
  });

  test.each(
    leaves.filter((path) => path[0] !== "label").map((path) => [name(path), path] as const),
  )("a corrupted %s fails", async (_path, path) => {
    const key = path.at(-1) ?? "";
    const corrupted = changed(text, index, (each) => {
      const parent = parentOf(each, path);
      parent[key] = corrupt(parent[key]);
    });
    expect(await failures(corrupted)).not.toEqual([]);
  });
});

describe("in shared-a-pq", () => {
  // One signature by noble each, so only what the classic case does not have or checks otherwise.
  test.each<[string, (vector: Json) => void]>([
    ["message_2_blake2b512", (vector) => flip(vector, "message_2_blake2b512")],
    ["message_1", (vector) => flip(vector, "message_1", 2000)],
    [
      "mlkem_encaps_randomness",
      (vector) => flip(nested(vector, "initiator"), "mlkem_encaps_randomness"),
    ],
    ["slhdsa_seed", (vector) => flip(nested(vector, "worker"), "slhdsa_seed", 70)],
    ["mode", (vector) => (vector["mode"] = "classic")],
    [
      "slhdsa_deterministic",
      (vector) => (nested(vector, "responder")["slhdsa_deterministic"] = false),
    ],
    ["responder key", (vector) => delete nested(vector, "responder")["slhdsa_deterministic"]],
    ["rekey.secret", (vector) => flip(nested(vector, "rekey"), "secret", 100)],
  ])("a corrupted %s fails", async (_name, change) => {
    expect(await failures(changed(handshakeText, 0, change))).not.toEqual([]);
  });

  function nested(vector: Json, key: string): Json {
    return vector[key] as Json;
  }

  function flip(vector: Json, key: string, at = 0): void {
    const hex = String(vector[key]);
    vector[key] = hex.slice(0, at) + (hex[at] === "5" ? "6" : "5") + hex.slice(at + 1);
  }
});

test("a correlation id beyond 2^53 is taken exactly", async () => {
  const file = JSON.stringify(changed(handshakeText, 1, () => {}));
  const exact = file.replace('"correlation_id":7', '"correlation_id":18446744073709551615');
  expect((await failures(exact))[0]).toContain("computed 00ffffffffffffffff");
});

describe("npm run vectors", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "leapmux-vectors-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function run(...files: string[]): Promise<{ code: unknown; lines: string[] }> {
    const script = fileURLToPath(new URL("main.ts", import.meta.url));
    return new Promise((resolve) => {
      execFile(process.execPath, [script, ...files], (error, stdout) => {
        resolve({ code: error ? error.code : 0, lines: stdout.trimEnd().split("\n") });
      });
    });
  }

  test("counts on the last line and tells by its exit code", async () => {
    const good = join(folder, "good.json");
    const bad = join(folder, "bad.json");
    await writeFile(good, publishedText);
    const file = changed(
      publishedText,
      0,
      (vector) => (vector["handshake_hash"] = "00".repeat(64)),
    );
    await writeFile(bad, JSON.stringify(file));

    expect(await run(good)).toEqual({ code: 0, lines: ["1 passed, 0 failed"] });
    const failed = await run(good, bad);
    expect(failed.code).toBe(1);
    expect(failed.lines.at(-1)).toBe("1 passed, 1 failed");
    expect(failed.lines[0]).toContain(
      "bad.json: case 1: handshake_hash (initiator): file has 0000",
    );
  });

  test("exits with 2 for a file that is not there and for an option", async () => {
    expect((await run(join(folder, "none.json"))).code).toBe(2);
    expect((await run("--fast")).code).toBe(2);
  });
});

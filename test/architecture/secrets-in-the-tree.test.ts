import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";

// `npm run check` scans the tree; this shows that the scan would find what must not be there.

const root = path.join(import.meta.dirname, "..", "..");
const directory = mkdtempSync(path.join(tmpdir(), "leapmux-secrets-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function scan(text: string): { status: number | null; output: string } {
  writeFileSync(path.join(directory, "notes.txt"), text);
  const program = path.join(root, "node_modules", ".bin", "secretlint");
  const config = path.join(root, ".secretlintrc.json");
  const { status, stdout } = spawnSync(
    program,
    ["--maskSecrets", "--secretlintrc", config, "notes.txt"],
    { cwd: directory, encoding: "utf8" },
  );
  return { status, output: stdout };
}

const random = (bytes: number) => randomBytes(bytes).toString("base64url");
const privateKey = generateKeyPairSync("ed25519").privateKey;

test.each([
  ["a worker's token", `lmw_A1${random(32)}`],
  ["a registration key", `lmk_A1${random(16)}.${random(32)}`],
  ["a line of a key ring", `7:${randomBytes(32).toString("base64")}`],
  ["a private key", privateKey.export({ type: "pkcs8", format: "pem" })],
  ["a GitHub token", `ghp_${randomBytes(18).toString("hex")}`],
])("%s is found, and not printed", (_, secret) => {
  const { status, output } = scan(`before\n${secret}\nafter\n`);
  expect(status).toBe(1);
  expect(output).toContain("1 problem");
  for (const line of secret.trim().split("\n")) expect(output).not.toContain(line);
});

test("made-up tokens of tests pass", () => {
  expect(scan("lmw_test-token-of-another-worker\nlm_\n1:abc\n")).toMatchObject({ status: 0 });
});

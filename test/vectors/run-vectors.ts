import { readFile } from "node:fs/promises";
import { checkVectorFile } from "./check-vector-file.ts";

export interface VectorRun {
  readonly passed: number;
  readonly failed: number;
}

export const ownVectorFiles = [
  "handshake-v1.json",
  "noise-nk-published.json",
  "devices-v1.json",
].map((name) => new URL(name, import.meta.url));

/** Checks the files one after the other and prints each case that fails with its fields. Throws for a file that cannot be read. */
export async function runVectors(
  files: readonly (string | URL)[],
  print: (line: string) => void,
): Promise<VectorRun> {
  const texts = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(file, "utf8") })),
  );
  let passed = 0;
  let failed = 0;
  for (const { file, text } of texts) {
    const name = typeof file === "string" ? file : (file.pathname.split("/").at(-1) ?? "");
    for await (const outcome of checkVectorFile(text)) {
      if (outcome.failures.length === 0) passed += 1;
      else failed += 1;
      for (const failure of outcome.failures) print(`${name}: ${outcome.name}: ${failure}`);
    }
  }
  return { passed, failed };
}

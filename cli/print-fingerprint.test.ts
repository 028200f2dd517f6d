import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { expect, test } from "vitest";
import { printFingerprint } from "./print-fingerprint.ts";

test("the words that are printed are those that a browser computes", async () => {
  const key = new Uint8Array(1664).map((_, index) => index);
  const lines: string[] = [];
  await printFingerprint(key, { print: (line) => lines.push(line) });
  const { words, longWords } = await fingerprint(key);
  expect(lines).toEqual([
    `Fingerprint: ${formatWords(longWords)} (the first four are the short form)`,
  ]);
  expect(lines[0]).toContain(`Fingerprint: ${formatWords(words)}-`);
});

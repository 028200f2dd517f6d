import { wordlist } from "@scure/bip39/wordlists/english.js";
import { expect, test } from "vitest";
import { fingerprint, formatWords, type Scrypt } from "./fingerprint.ts";

const fixed =
  (digest: readonly number[]): Scrypt =>
  async () =>
    Uint8Array.from(digest);

test("takes eleven bits per word from the front", async () => {
  const bits = [1, 2, 2047, 3, 1024].map((word) => word.toString(2).padStart(11, "0")).join("");
  const bytes = Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8).padEnd(8, "0"), 2),
  );
  const { words, longWords } = await fingerprint(new Uint8Array(1664), fixed(bytes));
  expect(words).toEqual([1, 2, 2047, 3].map((index) => wordlist[index]));
  expect(longWords).toHaveLength(8);
  expect(longWords.slice(0, 4)).toEqual(words);
  expect(longWords[4]).toBe(wordlist[1024]);
});

test("asks for exactly the scrypt of protocol §2", async () => {
  const asked: unknown[] = [];
  const watching: Scrypt = async (password, salt, cost, length) => {
    asked.push(password.length, new TextDecoder().decode(salt), cost, length);
    return new Uint8Array(length);
  };
  await fingerprint(new Uint8Array(1664), watching);
  expect(asked).toEqual([64, "leapmux fingerprint v1", { N: 32_768, r: 8, p: 1 }, 16]);
});

test("differs with every key", async () => {
  const key = new Uint8Array(1664);
  const first = await fingerprint(key);
  key[1663] = 1;
  const second = await fingerprint(key);
  expect(first.words).not.toEqual(second.words);
});

test("words are joined by dashes", () => {
  expect(formatWords(["able", "baby", "cabin", "dad"])).toBe("able-baby-cabin-dad");
});

import { argon2 } from "node:crypto";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { damaged, keyBytes, KeyRingError } from "./key-ring.ts";
import { makeKeystore } from "./keystore.ts";
import { readWrappingKey, type Wrapping } from "./wrapping-key.ts";

/**
 * The text of a ring, sealed under a key from elsewhere. Two lines behind comments: what the key is made of,
 * and the ring in base64, as the keystore seals (format, nonce, ciphertext) with the first line as its place.
 *
 *   leapmux-wrapped-keys:1:argon2id:m=65536,t=3,p=1:SALT    from a passphrase
 *   leapmux-wrapped-keys:1:key                              32 bytes from a file or a command
 */
export interface WrappingKey {
  readonly header: string;
  readonly key: Uint8Array;
}

interface Parameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

const name = "leapmux-wrapped-keys";
const chosen: Parameters = { memoryKib: 65_536, passes: 3, parallelism: 1 };
const saltBytes = 16;
const minPassphraseLength = 12;
const maxPassphraseLength = 1024;

export function isWrapped(text: string): boolean {
  return headerOf(text)?.startsWith(`${name}:`) === true;
}

/** What `encryption_key_wrap` has to be for this file. */
export function wrappedBy(text: string): "passphrase" | "key" | null {
  if (!isWrapped(text)) return null;
  return headerOf(text)?.startsWith(`${name}:1:argon2id:`) === true ? "passphrase" : "key";
}

/** For a file that is wrapped anew: fresh salt, the parameters of today. */
export async function makeWrappingKey(
  wrapping: Exclude<Wrapping, { readonly kind: "none" }>,
  random: Random,
): Promise<WrappingKey> {
  if (wrapping.kind !== "passphrase") {
    return { header: `${name}:1:key`, key: await readWrappingKey(wrapping) };
  }
  const passphrase = await passphraseOf(wrapping);
  if (passphrase.length < minPassphraseLength) {
    throw new KeyRingError(`the passphrase must have at least ${minPassphraseLength} characters`);
  }
  const salt = random(saltBytes);
  const { memoryKib, passes, parallelism } = chosen;
  const header = `${name}:1:argon2id:m=${memoryKib},t=${passes},p=${parallelism}:${Buffer.from(salt).toString("base64")}`;
  return { header, key: await derive(passphrase, chosen, salt) };
}

/** For a file that is there. `known`: the one that opened it before, which does if nobody wrapped it anew. */
export async function findWrappingKey(
  text: string,
  file: string,
  wrapping: Wrapping,
): Promise<WrappingKey> {
  const header = headerOf(text) ?? "";
  const parts =
    /^leapmux-wrapped-keys:1:(?:key|argon2id:m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2}):([A-Za-z0-9+/]{22}==))$/.exec(
      header,
    );
  if (parts === null) {
    throw header.startsWith(`${name}:1:`)
      ? damaged(file, "what it was wrapped with cannot be read")
      : new KeyRingError(`the file ${file} was wrapped by a newer version: update this one`);
  }
  const [, memory, passes, parallelism, salt = ""] = parts;
  const needed = memory === undefined ? "file or command" : "passphrase";
  const fits =
    memory === undefined
      ? wrapping.kind === "file" || wrapping.kind === "command"
      : wrapping.kind === "passphrase";
  if (!fits || wrapping.kind === "none") {
    throw new KeyRingError(
      `the file ${file} is wrapped: set encryption_key_wrap to ${needed}, and where the key comes from`,
    );
  }
  if (wrapping.kind !== "passphrase") return { header, key: await readWrappingKey(wrapping) };
  const parameters: Parameters = {
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  // Whoever could write here could otherwise have the hub take all memory.
  const isSane =
    within(parameters.memoryKib, 19_456, 262_144) &&
    within(parameters.passes, 1, 10) &&
    within(parameters.parallelism, 1, 4);
  if (!isSane) throw damaged(file, "its parameters of Argon2id are out of bounds");
  const passphrase = await passphraseOf(wrapping);
  return { header, key: await derive(passphrase, parameters, Buffer.from(salt, "base64")) };
}

/** `ring`: the text that is never to lie on a disk; `file`: where it goes, and nowhere else it opens. */
export function wrapRing(
  ring: string,
  { header, key }: WrappingKey,
  random: Random,
  file = ringName,
): string {
  const sealed = keystoreOf(key, random).seal(placeOf(file, header), Buffer.from(ring, "utf8"));
  return (
    `# The keys of ${file}, wrapped. Back it up apart from the database; never edit it.\n` +
    `${header}\n${Buffer.from(sealed).toString("base64")}\n`
  );
}

/** Null where this key does not open it. */
export function unwrapRing(
  text: string,
  { header, key }: WrappingKey,
  file = ringName,
): string | null {
  if (headerOf(text) !== header) return null;
  const [, encoded = ""] = linesOf(text);
  const sealed = new Uint8Array(Buffer.from(encoded, "base64"));
  const opened = keystoreOf(key, noRandom).open(placeOf(file, header), sealed);
  return opened.ok ? Buffer.from(opened.plaintext).toString("utf8") : null;
}

const keystoreOf = (key: Uint8Array, random: Random) =>
  makeKeystore({ activeVersion: 1, keys: new Map([[1, key]]) }, random);

const ringName = "encryption.key";
const placeOf = (table: string, header: string) => ({ table, column: "wrapped", row: header });

const noRandom: Random = () => {
  throw new Error("opening takes no random bytes");
};

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "");
}

function headerOf(text: string): string | undefined {
  return linesOf(text)[0];
}

async function passphraseOf({
  passphrase,
}: Extract<Wrapping, { readonly kind: "passphrase" }>): Promise<string> {
  return typeof passphrase === "string" ? passphrase : await passphrase();
}

/** As for passwords: keyboards write the same character in several ways (NFKC). */
function derive(
  passphrase: string,
  { memoryKib, passes, parallelism }: Parameters,
  nonce: Uint8Array,
): Promise<Uint8Array> {
  if (passphrase.length > maxPassphraseLength) {
    throw new KeyRingError(`the passphrase is longer than ${maxPassphraseLength} characters`);
  }
  const message = passphrase.normalize("NFKC");
  const parameters = {
    message,
    nonce,
    parallelism,
    tagLength: keyBytes,
    memory: memoryKib,
    passes,
  };
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, tag) => {
      if (error) reject(error);
      else resolve(new Uint8Array(tag));
    });
  });
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

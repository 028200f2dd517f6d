import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { requirePrivate } from "../store/private-files.ts";

/**
 * The keys that seal what the hub has to read again, in `encryption.key` of the data directory: one key on
 * each line, `version:base64` of 32 bytes, with `#` before comments. The highest version seals; all of them
 * open. The file is for its owner only, in a directory for its owner only, and it is never written over:
 * who loses a key loses everything that it sealed.
 */
export interface KeyRing {
  readonly activeVersion: number;
  /** By version, 1 to 2^32 - 1; 32 bytes each. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** The message says where and what to do, never what stands in the file. */
export class KeyRingError extends Error {
  override readonly name = "KeyRingError";
}

const fileName = "encryption.key";
export const keyBytes = 32;
const maxVersion = 2 ** 32 - 1;
const maxFileBytes = 64 * 1024;

/**
 * Reads the file, or makes it at the first start. `mayMake` false: something was sealed already, so a missing
 * file is a lost one, and a fresh key would only hide that.
 */
export function loadKeyRing(
  directory: string,
  { mayMake }: { readonly mayMake: boolean },
): KeyRing {
  const file = join(directory, fileName);
  requirePrivate(directory, "directory");
  if (!existsSync(file)) {
    if (!mayMake) {
      throw new KeyRingError(
        `the file ${file} is missing, and the database holds secrets that only its keys open: restore it from a backup`,
      );
    }
    makeKeyFile(directory, file);
  }
  requirePrivate(file, "file");
  if (statSync(file).size > maxFileBytes)
    throw damaged(file, `is longer than ${maxFileBytes} bytes`);
  return parseKeyRing(readFileSync(file, "utf8"), file);
}

function parseKeyRing(text: string, file: string): KeyRing {
  const keys = new Map<number, Uint8Array>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/#.*$/, "").trim();
    if (content === "") continue;
    const where = `line ${index + 1}`;
    const [, digits = "", encoded = ""] =
      /^([1-9]\d{0,9}):([A-Za-z0-9+/]{43}=)$/.exec(content) ?? [];
    const version = Number(digits);
    const key = Buffer.from(encoded, "base64");
    if (digits === "" || version > maxVersion || key.toString("base64") !== encoded) {
      throw damaged(file, `${where} is not \`version:base64\` of ${keyBytes} bytes`);
    }
    if (keys.has(version)) throw damaged(file, `${where} repeats version ${version}`);
    keys.set(version, new Uint8Array(key));
  }
  if (keys.size === 0) throw damaged(file, "holds no key");
  return { activeVersion: Math.max(...keys.keys()), keys };
}

/** Whole or not at all: flushed under another name, then put in place, and never over one that is there. */
function makeKeyFile(directory: string, file: string): void {
  const fresh = `${file}.${randomBytes(8).toString("hex")}.new`;
  const text = `# Seals secrets of hub.db. Back it up apart from the database; never edit or share it.\n1:${randomBytes(keyBytes).toString("base64")}\n`;
  try {
    const descriptor = openSync(fresh, "wx", 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // Unlike a rename this fails when another process was first, whose key then counts.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  flushDirectory(directory);
}

function flushDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function damaged(file: string, problem: string): KeyRingError {
  return new KeyRingError(
    `the file ${file} is damaged (${problem}): restore it from a backup, for only its keys open what they sealed`,
  );
}

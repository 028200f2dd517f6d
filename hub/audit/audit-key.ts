import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import {
  createPrivateFile,
  dropLeftovers,
  flushDirectory,
  replacePrivateFile,
  requirePrivate,
} from "../store/private-files.ts";
import { headToSign } from "./hash-entry.ts";

/**
 * The Ed25519 key of the audit log, in `audit.key` of the data directory. Which key counts says the chain;
 * the files follow. A rotation puts the new key into `audit.key.next`, then changes the chain, then renames:
 * stopped anywhere, one of the two files is the key that the chain names.
 */
export interface AuditKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(sequence: number, hash: Uint8Array): Uint8Array;
}

export interface AuditKeyFiles {
  /** The key of the directory, made where there is none. For a chain that has no key yet, its head locked. */
  make(): AuditKey;
  /** The one that the chain names. Throws where it is in neither file. */
  find(publicKey: Uint8Array): AuditKey;
  /** Whether it is the one that was prepared and is not in place yet. While the head of the chain is locked. */
  isPrepared(publicKey: Uint8Array): boolean;
  /**
   * Puts it in place if it is the one that was prepared: the former one is gone then, so no power cut may take
   * the chain back to it. While the head of the chain is locked.
   */
  settle(publicKey: Uint8Array): void;
  /** A fresh one, in place once the chain names it. While the head of the chain is locked. */
  prepareNext(): AuditKey;
}

/** The message says which file and what to do. */
class AuditKeyError extends Error {
  override readonly name = "AuditKeyError";
}

const fileName = "audit.key";
const nextName = "audit.key.next";

export function makeAuditKeyFiles(directory: string): AuditKeyFiles {
  const file = join(directory, fileName);
  const next = join(directory, nextName);

  function read(path: string): AuditKey | undefined {
    if (!existsSync(path)) return undefined;
    requirePrivate(path, "file");
    try {
      return keyOf(createPrivateKey(readFileSync(path)));
    } catch {
      throw new AuditKeyError(`the file ${path} is damaged: restore it from a backup`);
    }
  }

  function isPrepared(publicKey: Uint8Array): boolean {
    const prepared = read(next);
    return prepared !== undefined && isSame(prepared.publicKey, publicKey);
  }

  return {
    make() {
      dropLeftovers(directory, fileName);
      if (!existsSync(file)) {
        const { privateKey } = generateKeyPairSync("ed25519");
        createPrivateFile(directory, fileName, textOf(privateKey));
      }
      const key = read(file);
      if (key === undefined) throw new AuditKeyError(`the file ${file} went away: start again`);
      return key;
    },

    find(publicKey) {
      const current = read(file);
      if (current !== undefined && isSame(current.publicKey, publicKey)) return current;
      const prepared = read(next);
      if (prepared !== undefined && isSame(prepared.publicKey, publicKey)) return prepared;
      throw new AuditKeyError(
        `the file ${file} is ${current === undefined ? "missing" : "not the key that signs the audit log"}: restore it from a backup`,
      );
    },

    prepareNext() {
      const { privateKey } = generateKeyPairSync("ed25519");
      replacePrivateFile(directory, nextName, textOf(privateKey));
      return keyOf(privateKey);
    },

    isPrepared,

    settle(publicKey) {
      for (const name of [fileName, nextName]) dropLeftovers(directory, name);
      if (!isPrepared(publicKey)) return;
      renameSync(next, file);
      flushDirectory(directory);
    },
  };
}

function keyOf(privateKey: KeyObject): AuditKey {
  if (privateKey.asymmetricKeyType !== "ed25519") throw new Error("not an Ed25519 key");
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  return {
    publicKey: new Uint8Array(Buffer.from(x, "base64url")),
    sign: (sequence, hash) => new Uint8Array(sign(null, headToSign(sequence, hash), privateKey)),
  };
}

function textOf(privateKey: KeyObject): string | Uint8Array {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

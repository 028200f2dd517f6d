import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { requirePrivate } from "../store/private-files.ts";
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
  /** The key of the directory, made where there is none. For a chain that has no key yet. */
  make(): AuditKey;
  /** The one that the chain names. Throws where it is in neither file. */
  find(publicKey: Uint8Array): AuditKey;
  /** Puts it in place if it is the one that was prepared. While the head of the chain is locked. */
  settle(publicKey: Uint8Array): void;
  /** A fresh one, in place once the chain names it. While the head of the chain is locked. */
  prepareNext(): AuditKey;
}

/** The message says which file and what to do. */
class AuditKeyError extends Error {
  override readonly name = "AuditKeyError";
}

export function makeAuditKeyFiles(directory: string): AuditKeyFiles {
  const file = join(directory, "audit.key");
  const next = join(directory, "audit.key.next");

  function read(path: string): AuditKey | undefined {
    if (!existsSync(path)) return undefined;
    requirePrivate(path, "file");
    try {
      return keyOf(createPrivateKey(readFileSync(path)));
    } catch {
      throw new AuditKeyError(`the file ${path} is damaged: restore it from a backup`);
    }
  }

  return {
    make() {
      if (!existsSync(file)) {
        const fresh = `${file}.${randomBytes(8).toString("hex")}.new`;
        writeKey(fresh, generateKeyPairSync("ed25519").privateKey);
        try {
          // Unlike a rename this fails when another process was first, whose key then counts.
          linkSync(fresh, file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        } finally {
          rmSync(fresh, { force: true });
        }
        flushDirectory(directory);
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
      rmSync(next, { force: true });
      const { privateKey } = generateKeyPairSync("ed25519");
      writeKey(next, privateKey);
      flushDirectory(directory);
      return keyOf(privateKey);
    },

    settle(publicKey) {
      const prepared = read(next);
      if (prepared === undefined || !isSame(prepared.publicKey, publicKey)) return;
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

function writeKey(path: string, privateKey: KeyObject): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    writeSync(descriptor, privateKey.export({ type: "pkcs8", format: "pem" }));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function flushDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

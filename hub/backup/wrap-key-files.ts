import type { Random } from "@leapmux/shared/platform/platform.ts";
import {
  findWrappingKey,
  makeWrappingKey,
  unwrapRing,
  wrapRing,
} from "../keystore/wrapped-ring.ts";
import { bundleName, isKeyFileName, type KeyFiles } from "./backup-files.ts";
import { BackupError } from "./backup-manifest.ts";

/**
 * All key files of a backup as one text under a passphrase: who finds the backup reads neither what the ring
 * sealed nor can try the hashes of tokens. A ring that is wrapped in its directory is so inside as well.
 */
export async function wrapKeyFiles(
  files: KeyFiles,
  passphrase: string,
  random: Random,
): Promise<string> {
  const key = await makeWrappingKey({ kind: "passphrase", passphrase }, random);
  const entries = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  return wrapRing(JSON.stringify(Object.fromEntries(entries)), key, random, bundleName);
}

/** `path`: of the bundle, for messages. */
export async function unwrapKeyFiles(
  text: string,
  path: string,
  passphrase: string | null,
): Promise<KeyFiles> {
  if (passphrase === null) {
    throw new BackupError(
      `the keys of this backup are wrapped under a passphrase: name the file that holds it with --passphrase-file`,
    );
  }
  const key = await findWrappingKey(text, path, { kind: "passphrase", passphrase });
  const opened = unwrapRing(text, key, bundleName);
  if (opened === null) {
    throw new BackupError(`${path} does not open with this passphrase: it is another one`);
  }
  return new Map(
    Object.entries(JSON.parse(opened) as Record<string, string>).flatMap(([name, encoded]) =>
      isKeyFileName(name) ? [[name, new Uint8Array(Buffer.from(encoded, "base64"))]] : [],
    ),
  );
}

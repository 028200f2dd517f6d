import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";
import { makeDir } from "../data-dir.ts";

/**
 * A small file of which only its owner may know the content: 0600 in a folder of 0700, and refused when
 * either is wider. Written whole or not at all; what is larger than `maxBytes` is never read.
 */
export interface PrivateFile {
  readonly path: string;
  /** Undefined where there is none; "too large" is told apart, because it is not ours then. Throws PrivatePathError. */
  read(): string | "too large" | undefined;
  write(text: string): void;
  /** Of two that race one wins. False: there is one already, and it stays. */
  create(text: string): boolean;
}

export function makePrivateFile(file: string, maxBytes: number): PrivateFile {
  const folder = path.dirname(file);

  function writeDraft(text: string): string {
    makeDir(folder);
    checkPrivate(folder, "directory");
    const draft = `${file}.${process.pid}`;
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, "wx", 0o600);
    try {
      writeSync(descriptor, text);
      // A name that leads to nothing after a power cut would be a damaged file.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    return draft;
  }

  return {
    path: file,
    read() {
      try {
        checkPrivate(folder, "directory");
        checkPrivate(file, "file");
        return statSync(file).size > maxBytes ? "too large" : readFileSync(file, "utf8");
      } catch (error) {
        if (hasCode(error, "ENOENT")) return undefined;
        throw error;
      }
    },
    write(text) {
      renameSync(writeDraft(text), file);
    },
    create(text) {
      const draft = writeDraft(text);
      try {
        linkSync(draft, file);
        return true;
      } catch (error) {
        if (hasCode(error, "EEXIST")) return false;
        throw error;
      } finally {
        rmSync(draft, { force: true });
      }
    },
  };
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkPrivate(place: string, what: "file" | "directory"): void {
  const [own, target] = [lstatSync(place), statSync(place)];
  checkPrivatePath({ path: place, what, own, target, userId: process.getuid?.() });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

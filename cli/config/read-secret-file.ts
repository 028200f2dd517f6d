// A secret out of a file of its own (`smtp_password_file`), as service managers and containers hand them out.
import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { checkPrivatePath, PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { CommandError } from "../command-error.ts";

const maxSecretFileBytes = 4096;

/** Its text without the newline at its end. `source` is where the file was named; nothing repeats what it holds. */
export function readSecretFile(file: string, source: string): string {
  const bytes = readBytes(file, source);
  if (bytes.length > maxSecretFileBytes) {
    throw new CommandError(
      "usage",
      `the file ${file} of ${source} is longer than ${maxSecretFileBytes} bytes`,
    );
  }
  const text = bytes.toString("utf8").replace(/\r?\n$/, "");
  if (text === "") throw new CommandError("usage", `the file ${file} of ${source} is empty`);
  return text;
}

/** One byte more than may be there, and of the very file whose mode was judged. */
function readBytes(file: string, source: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const [own, target] = [lstatSync(file), fstatSync(descriptor)];
    checkPrivatePath({ path: file, what: "file", own, target, userId: process.getuid?.() });
    const bytes = Buffer.alloc(maxSecretFileBytes + 1);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } catch (error) {
    if (error instanceof PrivatePathError) {
      const message = `the file ${file} of ${source} ${error.problem}`;
      throw new CommandError("usage", message, error.next, error);
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new CommandError(
      "usage",
      `the file ${file} of ${source} cannot be read (${code})`,
      undefined,
      error,
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

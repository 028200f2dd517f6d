import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { requirePrivate } from "../store/private-files.ts";
import { keyBytes, KeyRingError } from "./key-ring.ts";

/** What protects the file of the ring besides its mode. */
export type Wrapping =
  | { readonly kind: "none" }
  /** A function asks for it, when it is needed. */
  | { readonly kind: "passphrase"; readonly passphrase: string | (() => Promise<string>) }
  /** 32 bytes, as they are or in base64 or hex. */
  | { readonly kind: "file"; readonly path: string }
  /** A program and its arguments, which prints such a key: a KMS, a hardware token. No shell. */
  | { readonly kind: "command"; readonly command: readonly string[] };

const maxKeyFileBytes = 4096;
const maxOutputBytes = 4096;
const commandTimeoutMs = 30_000;

/** The 32 bytes of a key file or a command. No message repeats what either said. */
export async function readWrappingKey(
  wrapping: Extract<Wrapping, { readonly kind: "file" | "command" }>,
  { timeoutMs = commandTimeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Uint8Array> {
  if (wrapping.kind === "file") {
    const { path } = wrapping;
    requirePrivate(path, "file");
    const key =
      statSync(path).size > maxKeyFileBytes ? null : decodeWrappingKey(readFileSync(path));
    if (key !== null) return key;
    throw new KeyRingError(
      `the file ${path} is no key: it has to hold ${keyBytes} bytes, or these in base64 or hex`,
    );
  }
  const output = await runCommand(wrapping.command, timeoutMs);
  const key = output instanceof Uint8Array ? decodeWrappingKey(output) : null;
  const problem =
    output instanceof Uint8Array
      ? `printed something else than ${keyBytes} bytes, or these in base64 or hex`
      : output;
  if (key !== null) return key;
  throw new KeyRingError(
    `the command of encryption_key_wrap_command (${wrapping.command[0] ?? ""}) ${problem}`,
  );
}

/** What it printed, or how it failed. */
function runCommand(command: readonly string[], timeoutMs: number): Promise<Uint8Array | string> {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        timeout: timeoutMs,
        maxBuffer: maxOutputBytes,
        killSignal: "SIGKILL",
        encoding: "buffer",
        shell: false,
      },
      (error, stdout) => {
        if (error === null) return resolve(stdout);
        const { code, killed } = error;
        if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return resolve("printed too much");
        if (killed === true) return resolve(`took longer than ${timeoutMs / 1000} s`);
        resolve(
          typeof code === "number"
            ? `failed with exit code ${code}`
            : `could not be run (${code ?? error.signal ?? "unknown error"})`,
        );
      },
    );
    child.stdin?.end();
  });
}

/** Null for what is no key. */
function decodeWrappingKey(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === keyBytes) return new Uint8Array(bytes);
  const text = Buffer.from(bytes)
    .toString("latin1")
    .replace(/\r?\n$/, "");
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return new Uint8Array(Buffer.from(text, "base64"));
  return null;
}

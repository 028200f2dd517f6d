import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { closeInherited } from "./close-inherited.ts";
import { writePty } from "./write-pty.ts";

/**
 * A program on a pseudo-terminal, bytes in and bytes out. Uses the native part of node-pty alone: its
 * own stream is thrown away 200 ms after the program ended, and with it what a paused one still held.
 * Here `onExit` comes when the program has ended AND all of its output was delivered.
 */
export interface Pty {
  readonly pid: number;
  /** Path of the terminal device. */
  readonly device: string;
  /** Resolves when more may be written. */
  write(data: Uint8Array): Promise<void>;
  /** Written, and not yet taken by the terminal. */
  readonly pendingBytes: number;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Lets go of the terminal: what still runs on it is hung up, no more output comes. */
  release(): void;
}

export interface PtyExit {
  readonly code: number;
  /** 0 where no signal ended it. */
  readonly signal: number;
}

export interface SpawnPtyOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  readonly clock: Clock;
  /** The bytes are good for the time of the call: the next ones take their place. */
  readonly onData: (bytes: Uint8Array) => void;
  readonly onExit: (exit: PtyExit) => void;
}

/** What pty.node offers; node-pty 1.1 pinned. */
interface PtyBinding {
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    directory: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { readonly fd: number; readonly pid: number; readonly pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

/** A system that keeps the device open after its last program ended is not waited for any longer than this. */
const quietAfterExitMs = 250;

const readBufferBytes = 16 * 1024;

const require = createRequire(import.meta.url);
let loaded: { readonly binding: PtyBinding; readonly helperPath: string } | null = null;

function loadBinding(): { readonly binding: PtyBinding; readonly helperPath: string } {
  if (loaded) return loaded;
  const { requireBinary } = require("@lydell/node-pty/requireBinary.js") as {
    requireBinary: (name: string) => PtyBinding;
  };
  const helperPath =
    process.platform === "darwin"
      ? require.resolve(`@lydell/node-pty-darwin-${process.arch}/spawn-helper`)
      : "";
  loaded = { binding: requireBinary("pty.node"), helperPath };
  return loaded;
}

/** Throws when the system has no terminal left. A program that cannot be started exits with code 1. */
export function spawnPty(options: SpawnPtyOptions): Pty {
  const { cols, rows, clock, onData, onExit } = options;
  const { binding, helperPath } = loadBinding();
  let exit: PtyExit | null = null;
  let closed = false;
  let told = false;
  let paused = false;
  let lastDataAtMs = clock.now();

  const environment = Object.entries(options.environment).map(
    ([name, value]) => `${name}=${value}`,
  );
  const { file, args } = closeInherited(options);
  const { fd, pid, pty } = binding.fork(
    file,
    args,
    environment,
    options.directory,
    cols,
    rows,
    -1,
    -1,
    true,
    helperPath,
    (code, signal) => {
      exit = { code, signal };
      tell();
      if (!told) clock.after(quietAfterExitMs, expectClose);
    },
  );
  // One buffer for all reads: a fresh one for each, 4 KiB at a time, would be most of the worker's garbage.
  const onread = {
    buffer: new Uint8Array(readBufferBytes),
    callback(length: number, buffer: Uint8Array): boolean {
      lastDataAtMs = clock.now();
      onData(buffer.subarray(0, length));
      return true;
    },
  };
  const socket = new ReadStream(fd, { onread });

  function tell(): void {
    if (told || !closed || !exit) return;
    told = true;
    onExit(exit);
  }

  function expectClose(): void {
    if (closed) return;
    const quietMs = clock.now() - lastDataAtMs;
    if (!paused && quietMs >= quietAfterExitMs) socket.destroy();
    else clock.after(quietAfterExitMs, expectClose);
  }

  // EIO is how Linux says that the last program let go of the terminal; any other error ends it as well.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
    tell();
  });
  socket.resume();

  return {
    pid,
    device: pty,
    // After the end a write would fail and take unread output with it.
    write: (data) => (exit ? Promise.resolve() : writePty(socket, data)),
    get pendingBytes() {
      return socket.writableLength;
    },
    resize(newCols, newRows) {
      if (!closed && !socket.destroyed) binding.resize(fd, newCols, newRows);
    },
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      paused = false;
      lastDataAtMs = clock.now();
      socket.resume();
    },
    release() {
      socket.destroy();
    },
  };
}

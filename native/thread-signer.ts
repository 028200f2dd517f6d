import { Worker } from "node:worker_threads";
import { expandSlhDsaSeed } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { makeNativeSign } from "./native-signer.ts";
import { nodeClock } from "./node-platform.ts";
import type { SigningRequest, SigningThreadData } from "./signing-thread.ts";

/** `paused`: threads failed one after the other; for a while nothing is tried. */
type SignerErrorCode = "thread_ended" | "paused" | "stopped";

/** There is no signature; with `thread_ended` the cause is what the thread threw, where it threw. */
class SignerError extends Error {
  override readonly name = "SignerError";
  readonly code: SignerErrorCode;

  constructor(code: SignerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export interface ThreadSigner extends Signer {
  /** Rejects with a SignerError. */
  sign(message: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /** What is due fails; nothing can be signed any more. */
  stop(): Promise<void>;
}

export interface ThreadSignerOptions {
  /** `WorkerSecrets.slhDsaSecretKey` (128 bytes). A bare seed (96 bytes) works too and costs 0.1 s more. */
  readonly key: Uint8Array;
  /** Signatures at once; the rest waits in the order of asking. Each thread takes about 5 MB. */
  readonly threads: number;
  /** Without it OpenSSL, and noble (ten times slower) where OpenSSL lacks the algorithm. */
  readonly implementation?: "native" | "noble";
  readonly clock?: Clock;
}

/** Threads that end without a signature between them: what ends them will end the next one as well. */
const mostFailuresInRow = 5;
/** Until one more is tried: a machine that was out of memory may not be any more. */
export const signerPauseMs = 10_000;

interface Due {
  readonly request: SigningRequest;
  readonly answer: PromiseWithResolvers<Uint8Array>;
}

/**
 * SLH-DSA for a worker (protocol §3: 0.1 s per signature, so never on the event loop): in threads of its own,
 * which give way to everything else that the machine has to do. They keep the process alive only while a
 * signature is due. A thread that ends takes the signature with it that it was busy with, and no other.
 */
export function makeThreadSigner(options: ThreadSignerOptions): ThreadSigner {
  const { key, threads, clock = nodeClock } = options;
  if (key.length !== 96 && key.length !== 128) throw new RangeError("not an SLH-DSA secret key");
  const secretKey = key.length === 96 ? expandSlhDsaSeed(key) : key;
  const implementation = options.implementation ?? (makeNativeSign(secretKey) ? "native" : "noble");
  /** Until their exit. */
  const all = new Set<Worker>();
  /** Those that can sign, with what each is busy with. */
  const able = new Map<Worker, Due | null>();
  const waiting: Due[] = [];
  let failuresInRow = 0;
  let failedAtMs = 0;
  let stopped = false;

  function spawn(): Worker {
    const data: SigningThreadData = { secretKey, implementation };
    const thread = new Worker(new URL("./signing-thread.ts", import.meta.url), {
      workerData: data,
    });
    thread.unref();
    thread.on("message", (signature: Uint8Array) => {
      const due = able.get(thread);
      if (!due) return;
      failuresInRow = 0;
      due.answer.resolve(signature);
      able.set(thread, null);
      thread.unref();
      advance();
    });
    // After an error comes the exit.
    thread.on("error", (cause) => drop(thread, cause));
    thread.on("exit", () => {
      drop(thread);
      all.delete(thread);
    });
    all.add(thread);
    able.set(thread, null);
    return thread;
  }

  function findFree(): Worker | null {
    for (const [thread, due] of able) if (!due) return thread;
    return able.size < threads ? spawn() : null;
  }

  function isPaused(): boolean {
    return failuresInRow >= mostFailuresInRow && clock.now() - failedAtMs < signerPauseMs;
  }

  function advance(): void {
    while (waiting.length > 0) {
      if (isPaused()) {
        refuse("paused", `the signing threads failed ${failuresInRow} times in a row`);
        return;
      }
      let thread: Worker | null;
      try {
        thread = findFree();
      } catch (cause) {
        // The system gives no thread: the next signature waits for one that is busy, or fails.
        if (able.size > 0) return;
        fail(waiting.shift(), cause);
        continue;
      }
      const due = thread ? waiting.shift() : undefined;
      if (!thread || !due) return;
      able.set(thread, due);
      thread.ref();
      thread.postMessage(due.request);
    }
  }

  function drop(thread: Worker, cause?: unknown): void {
    const due = able.get(thread);
    if (stopped || !able.delete(thread)) return;
    fail(due, cause);
    advance();
  }

  function fail(due: Due | null | undefined, cause: unknown): void {
    failuresInRow += 1;
    failedAtMs = clock.now();
    due?.answer.reject(new SignerError("thread_ended", "a signing thread ended", cause));
  }

  /** What waits. */
  function refuse(code: SignerErrorCode, message: string): void {
    for (const { answer } of waiting.splice(0)) answer.reject(new SignerError(code, message));
  }

  // The first opening shall not wait for its thread.
  spawn();

  return {
    publicKey: secretKey.slice(64),
    sign(message, context) {
      const answer = Promise.withResolvers<Uint8Array>();
      waiting.push({ request: { message, context }, answer });
      if (stopped) refuse("stopped", "the signing threads were stopped");
      else advance();
      return answer.promise;
    },
    async stop() {
      stopped = true;
      waiting.unshift(...[...able.values()].filter((due) => due !== null));
      able.clear();
      refuse("stopped", "the signing threads were stopped");
      await Promise.all([...all].map((thread) => thread.terminate()));
    },
  };
}

import { Worker } from "node:worker_threads";
import { expandSlhDsaSeed } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import { makeNativeSign } from "./native-signer.ts";
import type { SigningRequest, SigningThreadData } from "./signing-thread.ts";

export interface ThreadSigner extends Signer {
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
}

interface Due {
  readonly request: SigningRequest;
  readonly answer: PromiseWithResolvers<Uint8Array>;
}

/**
 * SLH-DSA for a worker (protocol §3: 0.1 s per signature, so never on the event loop): in threads of its own,
 * which give way to everything else that the machine has to do. They keep the process alive only while a
 * signature is due.
 */
export function makeThreadSigner(options: ThreadSignerOptions): ThreadSigner {
  const { key, threads } = options;
  if (key.length !== 96 && key.length !== 128) throw new RangeError("not an SLH-DSA secret key");
  const secretKey = key.length === 96 ? expandSlhDsaSeed(key) : key;
  const implementation = options.implementation ?? (makeNativeSign(secretKey) ? "native" : "noble");
  const free: Worker[] = [];
  const busy = new Map<Worker, Due>();
  const waiting: Due[] = [];
  let failure: Error | null = null;

  function spawn(): Worker {
    const data: SigningThreadData = { secretKey, implementation };
    const thread = new Worker(new URL("./signing-thread.ts", import.meta.url), {
      workerData: data,
    });
    thread.unref();
    thread.on("message", (signature: Uint8Array) => {
      busy.get(thread)?.answer.resolve(signature);
      busy.delete(thread);
      thread.unref();
      free.push(thread);
      advance();
    });
    thread.on("error", fail);
    thread.on("exit", fail);
    return thread;
  }

  function advance(): void {
    while (waiting.length > 0) {
      const thread = free.pop() ?? (busy.size < threads ? spawn() : undefined);
      const due = thread && waiting.shift();
      if (!due) return;
      busy.set(thread, due);
      thread.ref();
      thread.postMessage(due.request);
    }
  }

  function fail(cause?: unknown): void {
    failure ??= new Error("the signing threads ended", { cause });
    for (const { answer } of [...busy.values(), ...waiting.splice(0)]) answer.reject(failure);
    busy.clear();
  }

  // The first opening shall not wait for its thread.
  free.push(spawn());

  return {
    publicKey: secretKey.slice(64),
    sign(message, context) {
      if (failure) return Promise.reject(failure);
      const answer = Promise.withResolvers<Uint8Array>();
      waiting.push({ request: { message, context }, answer });
      advance();
      return answer.promise;
    },
    async stop() {
      const all = [...free.splice(0), ...busy.keys()];
      fail();
      await Promise.all(all.map((thread) => thread.terminate()));
    },
  };
}

import { Worker } from "node:worker_threads";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import type { SigningAnswer, SigningRequest } from "./signing-thread.ts";

/**
 * Signs with noble in one thread of its own, one signature after the other: the fallback of `makeSigner`.
 * The thread keeps the process alive only while a signature is due.
 */
export function makeThreadSigner(secretKey: Uint8Array): Signer {
  const thread = new Worker(new URL("./signing-thread.ts", import.meta.url), {
    workerData: secretKey,
  });
  thread.unref();
  const due = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let lastId = 0;
  let failure: Error | null = null;

  function settle(id: number): PromiseWithResolvers<Uint8Array> | undefined {
    const entry = due.get(id);
    due.delete(id);
    if (due.size === 0) thread.unref();
    return entry;
  }

  function failAll(cause: unknown): void {
    failure = new Error("the signing thread ended", { cause });
    for (const id of due.keys()) settle(id)?.reject(failure);
  }

  thread.on("message", ({ id, signature }: SigningAnswer) => settle(id)?.resolve(signature));
  thread.on("error", failAll);
  thread.on("exit", failAll);

  return {
    publicKey: secretKey.slice(64),
    sign(message, context) {
      if (failure) return Promise.reject(failure);
      const entry = Promise.withResolvers<Uint8Array>();
      const request: SigningRequest = { id: ++lastId, message, context };
      due.set(request.id, entry);
      thread.ref();
      thread.postMessage(request);
      return entry.promise;
    },
  };
}

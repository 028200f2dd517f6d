import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";

/**
 * In a thread of its own, which the first terminal does without. Rejects where the thread cannot be
 * loaded, such as when the hub is away; the next call starts anew. (An `import()` would not do: what
 * failed once fails for the life of the thread that asked.)
 */
export function computeFingerprint(compositeKey: Uint8Array): Promise<Fingerprint> {
  const thread = new Worker(new URL("./fingerprint-worker.ts", import.meta.url), {
    type: "module",
    name: "leapmux-fingerprint",
  });
  return new Promise<Fingerprint>((resolve, reject) => {
    thread.addEventListener("message", (event: MessageEvent<Fingerprint>) => resolve(event.data));
    thread.addEventListener("error", (event) => {
      // Told here and nowhere else.
      event.preventDefault();
      reject(new Error("the fingerprint thread did not start"));
    });
    thread.postMessage(compositeKey);
  }).finally(() => thread.terminate());
}

import type { FromCryptoThread, PagePort, ToCryptoThread } from "./thread-protocol.ts";

export interface CryptoThread {
  post(message: ToCryptoThread, transfer?: Transferable[]): void;
  /** Any number of listeners; each sees every message. Returns its own removal. */
  listen(receive: (message: FromCryptoThread) => void): () => void;
  /** Ends the thread and with it the link, every channel and all keys. */
  dispose(): void;
}

/** Starts the thread that holds the keys. `failed` is called when it cannot run at all. */
export function spawnCryptoThread(failed: () => void): CryptoThread {
  const worker = new Worker(new URL("./crypto-worker.ts", import.meta.url), {
    type: "module",
    name: "leapmux-crypto",
  });
  worker.addEventListener("error", failed);
  worker.addEventListener("messageerror", failed);
  return makeCryptoThread(
    {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      onMessage(receive) {
        worker.addEventListener("message", (event: MessageEvent<FromCryptoThread>) =>
          receive(event.data),
        );
      },
    },
    () => worker.terminate(),
  );
}

export function makeCryptoThread(port: PagePort, terminate: () => void): CryptoThread {
  const listeners = new Set<(message: FromCryptoThread) => void>();
  let over = false;
  port.onMessage((message) => {
    if (over) return;
    for (const receive of listeners) receive(message);
  });
  return {
    post(message, transfer) {
      if (!over) port.post(message, transfer);
    },
    listen(receive) {
      listeners.add(receive);
      return () => listeners.delete(receive);
    },
    dispose() {
      over = true;
      listeners.clear();
      terminate();
    },
  };
}

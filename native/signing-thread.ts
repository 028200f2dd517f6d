import { parentPort, workerData } from "node:worker_threads";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import { nodeRandom } from "./node-platform.ts";

/** Runs in a worker thread that `makeThreadSigner` starts with the secret key as its data. */
export interface SigningRequest {
  readonly id: number;
  readonly message: Uint8Array;
  readonly context: Uint8Array;
}

export interface SigningAnswer {
  readonly id: number;
  readonly signature: Uint8Array;
}

if (parentPort && workerData instanceof Uint8Array) {
  const port = parentPort;
  const signer = makeNobleSigner(workerData, nodeRandom);
  port.on("message", ({ id, message, context }: SigningRequest) => {
    void signer.sign(message, context).then((signature) => {
      const answer: SigningAnswer = { id, signature };
      port.postMessage(answer);
    });
  });
}

import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import { makeNativeSign } from "./native-signer.ts";
import { nodeRandom } from "./node-platform.ts";

/** Runs in the worker threads that `makeThreadSigner` starts with these as their data. */
export interface SigningThreadData {
  /** 128 bytes. */
  readonly secretKey: Uint8Array;
  readonly implementation: "native" | "noble";
}

export interface SigningRequest {
  readonly message: Uint8Array;
  readonly context: Uint8Array;
}

if (parentPort) {
  const port = parentPort;
  const { secretKey, implementation } = workerData as SigningThreadData;
  giveWay();
  const native = implementation === "native" ? makeNativeSign(secretKey) : null;
  const noble = makeNobleSigner(secretKey, nodeRandom);
  port.on("message", ({ message, context }: SigningRequest) => {
    if (native) port.postMessage(native(message, context));
    else void noble.sign(message, context).then((signature) => port.postMessage(signature));
  });
}

/** A third of the weight of an ordinary thread, where both want the same processor. */
const niceness = 5;

/**
 * Whoever types goes first: on Linux a thread has a priority of its own, elsewhere nothing changes.
 */
function giveWay(): void {
  try {
    const threadId = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    setPriority(threadId, niceness);
  } catch {
    // No such thing here, or not allowed: signatures then share as everybody does.
  }
}

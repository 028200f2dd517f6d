import type { CryptoThread } from "../link/spawn-crypto-thread.ts";
import {
  type DeviceAnswer,
  DeviceError,
  type DeviceInput,
  type DeviceOperation,
  type DeviceOperations,
  type DeviceRequest,
} from "./device-operations.ts";

/** The page's end of the device operations; each crosses to the crypto thread and is answered there. */
export function makeDeviceClient(thread: CryptoThread): DeviceOperations {
  const waiting = new Map<number, (answer: DeviceAnswer) => void>();
  let requests = 0;

  thread.listen((message) => {
    if (message.kind !== "device-answer") return;
    const answer = waiting.get(message.requestId);
    waiting.delete(message.requestId);
    answer?.(message.answer);
  });

  function operation<Name extends DeviceOperation>(name: Name): DeviceOperations[Name] {
    const run = (input: DeviceInput<Name>) =>
      new Promise<unknown>((resolve, reject) => {
        const requestId = ++requests;
        waiting.set(requestId, (answer) => {
          if (answer.ok) resolve(answer.value);
          else reject(new DeviceError(answer.trouble));
        });
        const request = { operation: name, input } as DeviceRequest;
        thread.post({ kind: "device", requestId, request });
      });
    return run as unknown as DeviceOperations[Name];
  }

  return {
    identify: operation("identify"),
    describe: operation("describe"),
    forgetKey: operation("forgetKey"),
    startPairing: operation("startPairing"),
    checkPairing: operation("checkPairing"),
    endPairing: operation("endPairing"),
    approve: operation("approve"),
    revoke: operation("revoke"),
    readStatements: operation("readStatements"),
  };
}

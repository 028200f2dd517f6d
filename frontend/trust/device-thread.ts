import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import type { DeviceDesk } from "./device-desk.ts";
import type { DeviceAnswer, DeviceRequest } from "./device-operations.ts";

/** What crosses between the crypto thread and that of the device key. Each call is answered once. */
export type ToDeviceThread = { readonly callId: number } & DeviceCall;

type DeviceCall =
  | { readonly kind: "run"; readonly request: DeviceRequest }
  | ({ readonly kind: "prepare" } & ClaimTerms)
  | ({ readonly kind: "claim"; readonly binding: Uint8Array } & ClaimTerms)
  | { readonly kind: "refresh" };

interface ClaimTerms {
  readonly claimId: number;
  readonly userId: string;
  readonly maxMessageBytes: number;
}

export type FromDeviceThread =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly callId: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly callId: number }
  | { readonly kind: "distrust"; readonly workerId: string };

export interface DevicePort<Sent, Received> {
  post(message: Sent): void;
  onMessage(receive: (message: Received) => void): void;
}

/** Prepared claims of handshakes that came to nothing wait for nobody: only the newest are kept. */
const mostPrepared = 64;

/** The thread's end. `makeDesk` is given what tells the other end that a worker's pairing failed. */
export function serveDeviceThread(
  port: DevicePort<FromDeviceThread, ToDeviceThread>,
  makeDesk: (distrust: (workerId: string) => void) => DeviceDesk,
): void {
  const desk = makeDesk((workerId) => port.post({ kind: "distrust", workerId }));
  const prepared = new Map<number, ReturnType<DeviceDesk["prepareClaim"]>>();

  function prepare({ claimId, userId, maxMessageBytes }: ClaimTerms) {
    const made = desk.prepareClaim(userId, maxMessageBytes);
    prepared.set(claimId, made);
    const [oldest] = prepared.keys();
    if (prepared.size > mostPrepared && oldest !== undefined) prepared.delete(oldest);
    return made;
  }
  async function run(call: DeviceCall): Promise<unknown> {
    switch (call.kind) {
      case "run":
        return desk.run(call.request);
      case "prepare":
        await prepare(call);
        return undefined;
      case "claim": {
        const makeClaim = await (prepared.get(call.claimId) ?? prepare(call));
        prepared.delete(call.claimId);
        return makeClaim(call.binding);
      }
      case "refresh":
        return desk.refreshGrants();
    }
  }
  port.onMessage(({ callId, ...call }) => {
    run(call).then(
      (value) => port.post({ kind: "answer", callId, value }),
      () => port.post({ kind: "failed", callId }),
    );
  });
  port.post({ kind: "ready" });
}

export interface DeviceThread {
  /** Rejects where the thread cannot start, such as when the hub is away. */
  readonly desk: Promise<DeviceDesk>;
  /** It does not run, or no longer. */
  fail(): void;
}

/** The end of whoever started the thread. */
export function makeDeviceThread(
  port: DevicePort<ToDeviceThread, FromDeviceThread>,
  distrust: (workerId: string) => void,
): DeviceThread {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<DeviceDesk>();
  let calls = 0;
  let claims = 0;

  function call<Answer>(asked: DeviceCall): Promise<Answer> {
    const callId = ++calls;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(callId, answer);
    port.post({ callId, ...asked });
    return answer.promise as Promise<Answer>;
  }
  function fail(): void {
    const error = new Error("the thread of the device key does not run");
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  const desk: DeviceDesk = {
    run: (request) => call<DeviceAnswer>({ kind: "run", request }),
    async prepareClaim(userId, maxMessageBytes) {
      const terms = { claimId: ++claims, userId, maxMessageBytes };
      await call({ kind: "prepare", ...terms });
      return (binding) => call<ClientClaim>({ kind: "claim", binding, ...terms });
    },
    refreshGrants: () => call<boolean>({ kind: "refresh" }),
  };

  port.onMessage((message) => {
    switch (message.kind) {
      case "ready":
        return ready.resolve(desk);
      case "distrust":
        return distrust(message.workerId);
      case "answer":
        waiting.get(message.callId)?.resolve(message.value);
        break;
      case "failed":
        waiting.get(message.callId)?.reject(new Error("the device key could not be used"));
    }
    waiting.delete(message.callId);
  });
  return { desk: ready.promise, fail };
}

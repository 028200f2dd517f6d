import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makePinDatabase } from "../trust/pin-database.ts";
import { browserClock, browserRandom } from "./browser-platform.ts";
import { makeCallHub } from "./call-hub.ts";
import { computeFingerprint } from "./compute-fingerprint.ts";
import { runCryptoThread } from "./crypto-context.ts";
import { startDeviceDesk } from "./start-device-desk.ts";
import type { ToCryptoThread } from "./thread-protocol.ts";

/** Entry of the page's crypto thread, a dedicated module worker: keys are made and stay here. */

// The page's library declares `self` as a window; of the worker's scope only this much is used.
const scope = self as unknown as {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", run: (event: MessageEvent<ToCryptoThread>) => void): void;
};

runCryptoThread({
  port: {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    onMessage: (receive) => scope.addEventListener("message", (event) => receive(event.data)),
  },
  clock: browserClock,
  nowMs: () => Date.now(),
  random: browserRandom,
  primitives: noblePrimitives,
  storage: makePinDatabase(),
  callHub: makeCallHub(location.origin),
  makeSocket: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/link`),
  fingerprint: computeFingerprint,
  loadDeviceDesk: startDeviceDesk,
});

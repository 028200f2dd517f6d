import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makePinDatabase } from "../trust/pin-database.ts";
import { browserClock, browserRandom } from "./browser-platform.ts";
import { makeCallHub } from "./call-hub.ts";
import { runCryptoThread } from "./crypto-context.ts";
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
  // scrypt and the list of words wait until the first channel is open.
  async fingerprint(compositeKey) {
    const { fingerprint } = await import("@leapmux/shared/identity/fingerprint.ts");
    return fingerprint(compositeKey);
  },
  async loadDeviceDesk(needs) {
    const { makeBrowserDeviceDesk } = await import("../trust/browser-device-desk.ts");
    return makeBrowserDeviceDesk(needs);
  },
});

import { fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { browserClock, browserRandom } from "../link/browser-platform.ts";
import { makeCallHub } from "../link/call-hub.ts";
import type { DeviceDeskNeeds } from "../link/crypto-context.ts";
import { type DeviceDesk, makeDeviceDesk } from "./device-desk.ts";
import { makeDeviceKeyDatabase } from "./device-key-database.ts";
import { makePinDatabase } from "./pin-database.ts";

/** The desk with what a browser has. */
export function makeBrowserDeviceDesk(needs: DeviceDeskNeeds): DeviceDesk {
  return makeDeviceDesk({
    ...needs,
    storage: makeDeviceKeyDatabase(),
    pins: makePinDatabase(),
    callHub: makeCallHub(location.origin),
    fingerprint,
    devicePrimitives: makeNobleDevicePrimitives(browserRandom),
    primitives: noblePrimitives,
    random: browserRandom,
    // Undefined on pages that did not come over https, whatever its type says.
    subtle: crypto.subtle,
    nowMs: () => Date.now(),
    pause: () => new Promise((resolve) => browserClock.after(0, resolve)),
  });
}

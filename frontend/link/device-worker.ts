import { makeBrowserDeviceDesk } from "../trust/browser-device-desk.ts";
import { serveDeviceThread, type ToDeviceThread } from "../trust/device-thread.ts";

/** Entry of the thread of the device key. Started where a hub has logins; solo mode does without. */

// The page's library declares `self` as a window; of the worker's scope only this much is used.
const scope = self as unknown as {
  postMessage(message: unknown): void;
  addEventListener(type: "message", run: (event: MessageEvent<ToDeviceThread>) => void): void;
};

serveDeviceThread(
  {
    post: (message) => scope.postMessage(message),
    onMessage: (receive) => scope.addEventListener("message", (event) => receive(event.data)),
  },
  (distrust) => makeBrowserDeviceDesk({ distrust }),
);

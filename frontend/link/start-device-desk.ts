import type { DeviceDesk } from "../trust/device-desk.ts";
import { type FromDeviceThread, makeDeviceThread } from "../trust/device-thread.ts";
import type { DeviceDeskNeeds } from "./crypto-context.ts";

/**
 * The desk in a thread of its own, which ends with the crypto thread. Rejects where it cannot be loaded,
 * such as when the hub is away; the next call starts anew. (An `import()` would not do: what failed once
 * fails for the life of the thread that asked.)
 */
export function startDeviceDesk({ distrust }: DeviceDeskNeeds): Promise<DeviceDesk> {
  const worker = new Worker(new URL("./device-worker.ts", import.meta.url), {
    type: "module",
    name: "leapmux-device",
  });
  const thread = makeDeviceThread(
    {
      post: (message) => worker.postMessage(message),
      onMessage(receive) {
        worker.addEventListener("message", (event: MessageEvent<FromDeviceThread>) =>
          receive(event.data),
        );
      },
    },
    distrust,
  );
  worker.addEventListener("error", (event) => {
    // Told here and nowhere else.
    event.preventDefault();
    thread.fail();
  });
  return thread.desk;
}

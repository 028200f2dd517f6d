import { makeDeviceClient } from "../trust/device-client.ts";
import type { DeviceOperations } from "../trust/device-operations.ts";
import { createDevices, type Devices } from "../trust/devices.ts";
import { deliverRevocations } from "./deliver-revocations.ts";
import type { DeviceLoaderNeeds } from "./device-loader.ts";

/** What a page with logins has of the account's devices, put together. Loaded after the first terminal. */
export interface DeviceParts {
  readonly operations: DeviceOperations;
  readonly devices: Devices;
}

export function createDeviceParts(needs: DeviceLoaderNeeds): DeviceParts {
  const { hub } = needs;
  const operations = makeDeviceClient(hub.thread);
  const devices = createDevices({
    transport: hub.transport,
    operations,
    userId: () => needs.system()?.userId ?? "",
    nowMs: () => Date.now(),
    onChanged: hub.onChanged,
  });
  deliverRevocations({
    workerIds: () => needs.workers.all.map(({ id }) => id),
    connections: needs.connections,
    revocations: devices.revocations,
  });
  void devices.refresh().catch(() => {});
  return { operations, devices };
}

import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { readCaller } from "../dispatch/caller.ts";
import type { DeviceTrust } from "./device-trust.ts";
import type { RefusalNotes } from "./note-refusals.ts";
import type { TrustStore } from "./trust-store.ts";
import { listDevices } from "./list-devices.ts";

/** Statements in one call; a device delivers the rest with the next. */
const maxDelivered = 256;

/** Tells the owner whom this worker trusts and who tried, and takes the revocations that a device knows. */
export function makeWorkerDeviceService(options: {
  readonly store: TrustStore;
  readonly trust: DeviceTrust;
  readonly refusals: Pick<RefusalNotes, "settle">;
  readonly clientAuth: "hub" | "paired";
  readonly connectedDevices: () => ReadonlySet<string>;
}): ServiceImpl<typeof WorkerDeviceService> {
  const { store, trust, clientAuth } = options;
  return {
    async listDevices(_request, context) {
      readCaller(context);
      await trust.settle();
      await options.refusals.settle();
      const connected = options.connectedDevices();
      const devices = await listDevices(store);
      const refusals = await store.listRefusedOpenings();
      return {
        devices: devices.map((device) => ({
          devicePublicKey: device.publicKey,
          deviceId: device.deviceId,
          root: device.isRoot,
          revoked: device.isRevoked,
          lastSeenAtMs: BigInt(device.lastSeenAtMs ?? 0),
          connected: connected.has(device.deviceId),
        })),
        refusals: refusals.map((row) => ({
          atMs: BigInt(row.at_ms),
          reason: row.reason,
          userId: row.user_id,
          deviceId: row.device_id,
          detail: row.detail,
        })),
        clientAuth,
      };
    },

    async deliverRevocations({ signedRevocations }, context) {
      const { device } = readCaller(context);
      if (signedRevocations.length > maxDelivered) {
        throw new ConnectError("too many revocations in one call", Code.InvalidArgument);
      }
      const accepted = await trust.acceptRevocations(signedRevocations, device?.shown ?? []);
      if (accepted === "full") {
        throw new ConnectError("too many revocations wait here", Code.ResourceExhausted);
      }
      return {};
    },
  };
}

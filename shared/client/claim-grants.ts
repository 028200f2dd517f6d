import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { selectGrants } from "../devices/select-grants.ts";
import type { DeviceKeyPrimitives } from "../identity/device-key.ts";
import { maxClaimBytes } from "../limits/limits.ts";
import type { CallHub } from "./hub-answer.ts";

/** More than any account has; a hub that hands out more is not read further. */
const mostGrants = 256;

/** What key, signature and user of a claim take, generously. */
const besideBytes = 8 * 1024;

/**
 * The grants that this device shows in its claims: of those that the hub keeps, what leads to this
 * device. Kept until the hub says that something about devices changed; where the hub does not answer,
 * what was known before is better than nothing.
 */
export function makeClaimGrants(parts: {
  readonly callHub: CallHub;
  readonly primitives: DeviceKeyPrimitives;
  readonly nowMs: () => number;
}): {
  /** As many of the nearest as fit into a message of that size. */
  of(devicePublicKey: Uint8Array, maxMessageBytes: number): Promise<readonly Uint8Array[]>;
  /** Fetches anew; true where this device can show something else than before. */
  refresh(devicePublicKey: Uint8Array): Promise<boolean>;
} {
  let listed: readonly Uint8Array[] | undefined;
  let fetching: Promise<void> | undefined;
  let shown = "";

  async function fetchList(): Promise<void> {
    const answer = await parts.callHub(DeviceService.method.listGrants, {}, {});
    if (!answer.ok) return;
    listed = answer.response.grants.slice(0, mostGrants).map((grant) => grant.signedGrant);
  }

  function select(devicePublicKey: Uint8Array): Uint8Array[] {
    const { primitives, nowMs } = parts;
    const signedGrants = listed ?? [];
    return selectGrants({ primitives, signedGrants, devicePublicKey, nowMs: nowMs() });
  }

  return {
    async of(devicePublicKey, maxMessageBytes) {
      if (!listed) await (fetching ??= fetchList().finally(() => (fetching = undefined)));
      const selected = select(devicePublicKey);
      shown = describe(selected);
      const mostBytes = Math.min(maxMessageBytes, maxClaimBytes) - besideBytes;
      let bytes = 0;
      return selected.filter((grant) => (bytes += grant.length + 8) <= mostBytes);
    },
    async refresh(devicePublicKey) {
      await fetchList();
      const before = shown;
      shown = describe(select(devicePublicKey));
      return shown !== before;
    },
  };
}

/** Enough to tell two selections apart: the ends of signatures. */
function describe(grants: readonly Uint8Array[]): string {
  return grants.map((grant) => `${grant.length}:${grant.slice(-32).join(",")}`).join(" ");
}

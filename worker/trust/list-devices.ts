import type { TrustStore } from "./trust-store.ts";

export interface ListedDevice {
  readonly deviceId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Empty for one that was revoked before it was ever seen. */
  readonly userId: string;
  readonly isRoot: boolean;
  readonly isRevoked: boolean;
  readonly lastSeenAtMs: number | null;
}

/** Every device that this worker trusts, trusted or shall never trust: roots first. */
export async function listDevices(store: TrustStore): Promise<readonly ListedDevice[]> {
  const revocations = await store.listRevocations();
  const revoked = new Set(
    revocations.filter((row) => row.overruled_at_ms === null).map((row) => row.device_id),
  );
  const roots = await store.listRoots();
  const known = await store.listKnownDevices();
  const seen = new Map(known.map((row) => [row.device_id, row.last_seen_at_ms]));
  const rootIds = new Set(roots.map((row) => row.device_id));
  const devices = new Map<string, ListedDevice>();
  for (const row of [...roots, ...known, ...revocations]) {
    const { device_id: deviceId, public_key: publicKey } = row;
    if (devices.has(deviceId)) continue;
    devices.set(deviceId, {
      deviceId,
      publicKey: new Uint8Array(publicKey),
      userId: "user_id" in row ? row.user_id : "",
      isRoot: rootIds.has(deviceId),
      isRevoked: revoked.has(deviceId),
      lastSeenAtMs: seen.get(deviceId) ?? null,
    });
  }
  return [...devices.values()];
}

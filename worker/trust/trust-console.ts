import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { deviceFingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import type { RefusedOpeningRow } from "../store/tables.ts";
import { listDevices } from "./list-devices.ts";
import type { TrustStore } from "./trust-store.ts";

export type ConsoleDeviceState = "paired" | "approved" | "granted" | "revoked" | "waiting";

export interface ConsoleDevice {
  readonly deviceId: string;
  readonly words: string;
  /** Empty where it is not known. */
  readonly userId: string;
  readonly state: ConsoleDeviceState;
  /** Absent: never. */
  readonly lastSeenAtMs: number | null;
}

export type ConsoleResult =
  | { readonly ok: true; readonly device: ConsoleDevice; readonly trustedLeft: number }
  | {
      readonly ok: false;
      readonly why: "unknown" | "ambiguous" | "done_already" | "no_user" | "full";
    };

/**
 * What somebody with access to the data directory may do with devices: everything. Works on the database alone;
 * a worker that runs on it notices within half a second.
 */
export interface TrustConsole {
  list(): Promise<readonly ConsoleDevice[]>;
  listRefusedOpenings(): Promise<readonly RefusedOpeningRow[]>;
  /** By four words or id: trusts a device that waits, or one that was revoked. */
  approve(named: string): Promise<ConsoleResult>;
  revoke(named: string): Promise<ConsoleResult>;
}

export function makeTrustConsole(store: TrustStore, wallClockMs: () => number): TrustConsole {
  async function list(): Promise<(ConsoleDevice & { readonly publicKey: Uint8Array })[]> {
    const sources = new Map((await store.listRoots()).map((row) => [row.device_id, row.source]));
    const pending = await store.listPendingDevices();
    const waiting = new Map(pending.map((row) => [row.device_id, row]));
    const listed = await listDevices(store);
    const ids = new Set(listed.map(({ deviceId }) => deviceId));
    const known = await Promise.all(
      listed.map(async ({ deviceId, publicKey, userId, isRevoked, lastSeenAtMs }) => ({
        deviceId,
        publicKey,
        words: await computeWords(publicKey),
        // One that was revoked and came back said whose it is.
        userId: userId || (waiting.get(deviceId)?.user_id ?? ""),
        state: isRevoked ? ("revoked" as const) : describeSource(sources.get(deviceId)),
        lastSeenAtMs,
      })),
    );
    const strangers = await Promise.all(
      pending
        .filter((row) => !ids.has(row.device_id))
        .map(async (row) => {
          const words = row.words ?? (await computeWords(row.public_key));
          if (row.words === null) await store.saveWords(row.device_id, words);
          return {
            deviceId: row.device_id,
            publicKey: new Uint8Array(row.public_key),
            words,
            userId: row.user_id,
            state: "waiting" as const,
            lastSeenAtMs: row.seen_at_ms,
          };
        }),
    );
    return [...known, ...strangers];
  }

  async function find(named: string) {
    const words = named
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.join("-");
    const found = (await list()).filter(
      (device) => device.deviceId === named || device.words === words,
    );
    const [device] = found;
    if (!device) return { ok: false, why: "unknown" } as const;
    if (found.length > 1) return { ok: false, why: "ambiguous" } as const;
    return { ok: true, device } as const;
  }

  async function finish(deviceId: string): Promise<ConsoleResult> {
    const all = await list();
    const device = all.find((each) => each.deviceId === deviceId);
    if (!device) return { ok: false, why: "unknown" };
    const trustedLeft = all.filter(
      ({ state }) => state === "paired" || state === "approved",
    ).length;
    return { ok: true, device, trustedLeft };
  }

  return {
    list,
    listRefusedOpenings: () => store.listRefusedOpenings(),

    async approve(named) {
      const found = await find(named);
      if (!found.ok) return found;
      const { deviceId, publicKey, userId, state } = found.device;
      if (state === "paired" || state === "approved") return { ok: false, why: "done_already" };
      if (userId === "") return { ok: false, why: "no_user" };
      const nowMs = wallClockMs();
      await store.addRoot({
        device_id: deviceId,
        public_key: publicKey,
        user_id: userId,
        source: "console",
        added_at_ms: nowMs,
      });
      await store.overruleRevocations(deviceId, nowMs);
      return finish(deviceId);
    },

    async revoke(named) {
      const found = await find(named);
      if (!found.ok) return found;
      const { deviceId, publicKey, state } = found.device;
      if (state === "revoked") return { ok: false, why: "done_already" };
      const nowMs = wallClockMs();
      const row = {
        statement_id: `console ${deviceId} ${nowMs}`,
        device_id: deviceId,
        public_key: publicKey,
        issuer_device_id: null,
        signed_revocation: null,
        received_at_ms: nowMs,
        overruled_at_ms: null,
      };
      const isKept = (await store.addRevocation(row, null)) === "kept";
      return isKept ? finish(deviceId) : { ok: false, why: "full" };
    },
  };
}

function describeSource(source: "pairing" | "console" | undefined): ConsoleDeviceState {
  if (source === "pairing") return "paired";
  return source === "console" ? "approved" : "granted";
}

async function computeWords(publicKey: Uint8Array): Promise<string> {
  return formatWords((await deviceFingerprint(publicKey, nativeScrypt)).words);
}

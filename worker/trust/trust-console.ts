import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { deviceFingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import type { PendingDeviceRow, RefusedOpeningRow } from "../store/tables.ts";
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

interface Candidate extends Omit<ConsoleDevice, "words"> {
  readonly publicKey: Uint8Array;
  /** Where it knocked: its words are kept there. */
  readonly pending: PendingDeviceRow | undefined;
}

/** `words`: takes 0.1 s and much memory, so nobody asks for more than they need. */
export function makeTrustConsole(
  store: TrustStore,
  wallClockMs: () => number,
  words: (publicKey: Uint8Array) => Promise<string> = computeWords,
): TrustConsole {
  const cached = new Map<string, Promise<string>>();

  function wordsOf(candidate: Candidate): Promise<string> {
    const found = cached.get(candidate.deviceId) ?? readWords(candidate);
    cached.set(candidate.deviceId, found);
    return found;
  }

  async function readWords({ deviceId, publicKey, pending }: Candidate): Promise<string> {
    if (typeof pending?.words === "string") return pending.words;
    const computed = await words(publicKey);
    if (pending) await store.saveWords(deviceId, computed);
    return computed;
  }

  async function describe(candidate: Candidate): Promise<ConsoleDevice> {
    const { deviceId, userId, state, lastSeenAtMs } = candidate;
    return { deviceId, words: await wordsOf(candidate), userId, state, lastSeenAtMs };
  }

  async function collect(): Promise<readonly Candidate[]> {
    const sources = new Map((await store.listRoots()).map((row) => [row.device_id, row.source]));
    const pending = await store.listPendingDevices();
    const waiting = new Map(pending.map((row) => [row.device_id, row]));
    const listed = await listDevices(store);
    const ids = new Set(listed.map(({ deviceId }) => deviceId));
    const known = listed.map(({ deviceId, publicKey, userId, isRevoked, lastSeenAtMs }) => ({
      deviceId,
      publicKey,
      pending: waiting.get(deviceId),
      // One that was revoked and came back said whose it is.
      userId: userId || (waiting.get(deviceId)?.user_id ?? ""),
      state: isRevoked ? ("revoked" as const) : describeSource(sources.get(deviceId)),
      lastSeenAtMs,
    }));
    const strangers = pending
      .filter((row) => !ids.has(row.device_id))
      .map((row) => ({
        deviceId: row.device_id,
        publicKey: new Uint8Array(row.public_key),
        pending: row,
        userId: row.user_id,
        state: "waiting" as const,
        lastSeenAtMs: row.seen_at_ms,
      }));
    return [...known, ...strangers];
  }

  async function find(named: string) {
    const candidates = await collect();
    const byId = candidates.find(({ deviceId }) => deviceId === named);
    if (byId) return { ok: true, device: byId } as const;
    const typed = named.toLowerCase().match(/[a-z]+/g);
    const all = await Promise.all(candidates.map(wordsOf));
    const found = candidates.filter((_, at) => all[at] === typed?.join("-"));
    const [device] = found;
    if (!device) return { ok: false, why: "unknown" } as const;
    if (found.length > 1) return { ok: false, why: "ambiguous" } as const;
    return { ok: true, device } as const;
  }

  async function finish(deviceId: string): Promise<ConsoleResult> {
    const all = await collect();
    const device = all.find((each) => each.deviceId === deviceId);
    if (!device) return { ok: false, why: "unknown" };
    const trustedLeft = all.filter(
      ({ state }) => state === "paired" || state === "approved",
    ).length;
    return { ok: true, device: await describe(device), trustedLeft };
  }

  return {
    list: async () => Promise.all((await collect()).map(describe)),
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

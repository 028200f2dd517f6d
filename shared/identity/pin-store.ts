import type { EncryptionMode } from "../noise/primitives.ts";

/**
 * Trust on first use (protocol §8). A pin holds key and mode of one worker, so that both a changed key
 * and a hub that talks a client down to classic are a mismatch. The storage is passed in: IndexedDB in
 * the browser, a file elsewhere, memory in tests. Times are wall-clock milliseconds.
 */
export interface Pin {
  readonly workerId: string;
  /** 1664 bytes. */
  readonly compositeKey: Uint8Array;
  readonly mode: EncryptionMode;
  /** Compared by pairing (protocol §7), not only seen first. */
  readonly verified: boolean;
  readonly firstSeenAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface PinStorage {
  get(workerId: string): Promise<Pin | null>;
  put(pin: Pin): Promise<void>;
  delete(workerId: string): Promise<void>;
  list(): Promise<Pin[]>;
}

/** What the hub reports about a worker now. */
export interface ReportedKey {
  readonly workerId: string;
  readonly compositeKey: Uint8Array;
  readonly mode: EncryptionMode;
}

export type PinCheck =
  | { readonly kind: "first" }
  | { readonly kind: "match"; readonly pin: Pin }
  | { readonly kind: "mismatch"; readonly changed: "key" | "mode"; readonly pin: Pin };

/** Pins last one year from their last use. */
export const pinLifetimeMs = 365 * 24 * 60 * 60_000;

/** Before the handshake; changes nothing. An expired pin counts as none. */
export async function checkPin(
  storage: PinStorage,
  nowMs: number,
  reported: ReportedKey,
): Promise<PinCheck> {
  const pin = await storage.get(reported.workerId);
  if (!pin || nowMs - pin.lastUsedAtMs >= pinLifetimeMs) return { kind: "first" };
  if (!equal(pin.compositeKey, reported.compositeKey)) {
    return { kind: "mismatch", changed: "key", pin };
  }
  // A worker pinned as post-quantum never becomes classic silently; the way up is no loss (protocol §3).
  if (pin.mode === "post-quantum" && reported.mode === "classic") {
    return { kind: "mismatch", changed: "mode", pin };
  }
  return { kind: "match", pin };
}

/** Pins after a successful handshake at first use, or replaces a pin whose change a person accepted. */
export async function acceptPin(
  storage: PinStorage,
  nowMs: number,
  reported: ReportedKey,
  verified = false,
): Promise<Pin> {
  const pin: Pin = {
    workerId: reported.workerId,
    compositeKey: reported.compositeKey.slice(),
    mode: reported.mode,
    verified,
    firstSeenAtMs: nowMs,
    lastUsedAtMs: nowMs,
  };
  await storage.put(pin);
  return pin;
}

/**
 * After each successful handshake that matched: the year starts anew, and a worker that went from
 * classic to post-quantum stays there.
 */
export async function refreshPin(
  storage: PinStorage,
  nowMs: number,
  reported: ReportedKey,
): Promise<void> {
  const check = await checkPin(storage, nowMs, reported);
  if (check.kind !== "match") return;
  await storage.put({ ...check.pin, mode: reported.mode, lastUsedAtMs: nowMs });
}

export function makeMemoryPinStorage(): PinStorage {
  const pins = new Map<string, Pin>();
  return {
    get: async (workerId) => pins.get(workerId) ?? null,
    put: async (pin) => void pins.set(pin.workerId, pin),
    delete: async (workerId) => void pins.delete(workerId),
    list: async () => [...pins.values()],
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

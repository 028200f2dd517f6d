import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";
import { makeSecret } from "./account-tokens.ts";
import { networkOf } from "./network-of.ts";
import type { LogInPlace } from "./open-login.ts";

/**
 * Command lines that wait for somebody to approve them in a browser (RFC 8628 in spirit): the device code
 * is their secret, the user code is what a person carries over. Both live in memory only, for ten minutes.
 */
export interface CliLogins {
  /**
   * Null: too many of this network wait. When too many wait altogether, the oldest of the network that has
   * most of them makes room, so that whoever fills the list loses what it put there.
   */
  start(place: LogInPlace): Started | null;
  /** By user code, as long as nobody answered. */
  find(userCode: string): WaitingCli | undefined;
  answer(userCode: string, answer: CliAnswer): boolean;
  /** An answer is given once: then the command line is forgotten. */
  poll(deviceCode: string): Polled;
}

export interface Started {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly lifeMs: number;
}

export interface WaitingCli extends LogInPlace {
  readonly leftMs: number;
}

export type CliAnswer =
  | { readonly state: "denied" }
  | {
      readonly state: "approved";
      readonly userId: string;
      readonly epoch: number;
      readonly approvedBy: string;
    };

export type Polled =
  | { readonly state: "waiting" | "denied" | "expired" }
  | (CliAnswer & { readonly state: "approved"; readonly place: LogInPlace });

export const cliPollIntervalMs = 2_000;
const lifeMs = 10 * 60_000;

/** Without what looks alike, and without vowels, so that no words come out. */
const alphabet = "BCDFGHJKLMNPQRSTVWXZ2345679";

interface Entry {
  readonly place: LogInPlace;
  readonly network: string;
  readonly userCode: string;
  readonly untilMs: number;
  answer: CliAnswer | null;
}

export function makeCliLogins(options: {
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
  readonly maxWaiting: number;
  readonly maxPerNetwork: number;
}): CliLogins {
  const { clock, random, maxWaiting, maxPerNetwork } = options;
  const byDevice = new Map<string, Entry>();
  const byUser = new Map<string, Entry>();

  function forget(deviceCode: string, entry: Entry): void {
    byDevice.delete(deviceCode);
    byUser.delete(entry.userCode);
  }

  function forgetExpired(): void {
    for (const [deviceCode, entry] of byDevice) {
      // All live equally long, so the oldest come first.
      if (entry.untilMs > clock.now()) return;
      forget(deviceCode, entry);
    }
  }

  function countByNetwork(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { network } of byDevice.values())
      counts.set(network, (counts.get(network) ?? 0) + 1);
    return counts;
  }

  function makeRoom(counts: ReadonlyMap<string, number>): void {
    if (byDevice.size < maxWaiting) return;
    const most = Math.max(...counts.values());
    for (const [deviceCode, entry] of byDevice) {
      if (counts.get(entry.network) === most) return forget(deviceCode, entry);
    }
  }

  function findWaiting(userCode: string): Entry | undefined {
    forgetExpired();
    const entry = byUser.get(normalise(userCode));
    return entry?.answer === null ? entry : undefined;
  }

  return {
    start(place) {
      forgetExpired();
      const network = networkOf(place.address);
      const counts = countByNetwork();
      if ((counts.get(network) ?? 0) >= maxPerNetwork) return null;
      const deviceCode = makeSecret(random, "lmd_");
      const userCode = makeUserCode(random);
      // One chance in billions; the next try of the command line has another one.
      if (byUser.has(userCode)) return null;
      makeRoom(counts);
      const untilMs = clock.now() + lifeMs;
      const entry: Entry = { place, network, userCode, untilMs, answer: null };
      byDevice.set(deviceCode, entry);
      byUser.set(userCode, entry);
      return { deviceCode, userCode, lifeMs };
    },
    find(userCode) {
      const entry = findWaiting(userCode);
      return entry && { ...entry.place, leftMs: entry.untilMs - clock.now() };
    },
    answer(userCode, answer) {
      const entry = findWaiting(userCode);
      if (entry === undefined) return false;
      entry.answer = answer;
      return true;
    },
    poll(deviceCode) {
      forgetExpired();
      const entry = byDevice.get(deviceCode);
      if (entry === undefined) return { state: "expired" };
      if (entry.answer === null) return { state: "waiting" };
      forget(deviceCode, entry);
      const { answer, place } = entry;
      return answer.state === "approved" ? { ...answer, place } : answer;
    },
  };
}

/** Eight signs, about 38 bits: XXXX-XXXX. */
function makeUserCode(random: Random): string {
  let code = "";
  while (code.length < 8) {
    for (const byte of random(16)) {
      // The rest of a byte would prefer the first signs.
      if (byte < alphabet.length * 9 && code.length < 8) code += alphabet[byte % alphabet.length];
    }
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

function normalise(userCode: string): string {
  const code = userCode.slice(0, 32).toUpperCase().replaceAll(/[\s-]/g, "");
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

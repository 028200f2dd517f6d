import type { HubLimits } from "../config/hub-limits.ts";
import { makeFairTurns, type FairTurns } from "./fair-turns.ts";

/** Turns at hashing passwords, as the limits have them. */
export function makePasswordTurns(limits: HubLimits): FairTurns {
  return makeFairTurns({
    maxConcurrent: limits.maxPasswordHashes,
    networks: {
      maxQueued: limits.maxQueuedPasswords,
      maxQueuedPerCaller: limits.maxQueuedPasswordsPerNetwork,
    },
    accounts: {
      maxQueued: limits.maxQueuedOwnPasswords,
      maxQueuedPerCaller: limits.maxQueuedPasswordsPerAccount,
    },
  });
}

import type { Random } from "@leapmux/shared/platform/platform.ts";
import { makeSecondFactors, type FactorParts } from "./accounts/account-factors.ts";
import { readRelyingParty } from "./accounts/relying-party.ts";
import type { SecondFactors } from "./accounts/second-factors.ts";
import type { HubLimits } from "./config/hub-limits.ts";
import type { Keystore } from "./keystore/keystore.ts";
import type { HubClock } from "./ops/hub-clock.ts";
import type { HubLog } from "./ops/hub-log.ts";
import type { KeyedHash } from "./store/keyed-hash.ts";
import type { Store } from "./store/open-store.ts";
import { makePasskeys } from "./store/passkeys.ts";
import { makeRecoveryCodes } from "./store/recovery-codes.ts";
import { makeTotpSecrets } from "./store/totp-secrets.ts";

/** The part of the hub's context that is about second factors. */
export function makeFactors(given: {
  readonly store: Store;
  readonly keystore: Keystore;
  /** Where people open this hub. */
  readonly ownUrl: () => string;
  readonly keyedHash: KeyedHash;
  readonly clock: HubClock;
  readonly random: Random;
  readonly limits: HubLimits;
  readonly log: HubLog;
}): { readonly factors: SecondFactors; readonly factorParts: FactorParts } {
  const { store, keystore, ownUrl, keyedHash, clock, random, limits, log } = given;
  const factorParts: FactorParts = {
    totpSecrets: makeTotpSecrets(store),
    recoveryCodes: makeRecoveryCodes(store),
    passkeys: makePasskeys(store, limits),
    keystore,
    keyedHash,
    clock,
    random,
    relyingParty: () => readRelyingParty(ownUrl()),
  };
  return { factors: makeSecondFactors({ ...factorParts, log }), factorParts };
}

import type { Random } from "@leapmux/shared/platform/platform.ts";
import { makeSecondFactors, type FactorParts } from "./accounts/account-factors.ts";
import { readRelyingParty } from "./accounts/relying-party.ts";
import type { SecondFactors } from "./accounts/second-factors.ts";
import type { HubLimits } from "./config/hub-limits.ts";
import { loadKeyRing } from "./keystore/key-ring.ts";
import { makeKeystore } from "./keystore/keystore.ts";
import type { HubClock } from "./ops/hub-clock.ts";
import type { HubLog } from "./ops/hub-log.ts";
import type { KeyedHash } from "./store/keyed-hash.ts";
import type { Store } from "./store/open-store.ts";
import { makePasskeys } from "./store/passkeys.ts";
import { makeRecoveryCodes } from "./store/recovery-codes.ts";
import { makeTotpSecrets } from "./store/totp-secrets.ts";

/** The part of the hub's context that is about second factors, with the keys that seal their secrets. */
export async function makeFactors(given: {
  readonly store: Store;
  readonly dataDir: string;
  /** Where people open this hub. */
  readonly ownUrl: () => string;
  readonly keyedHash: KeyedHash;
  readonly clock: HubClock;
  readonly random: Random;
  readonly limits: HubLimits;
  readonly log: HubLog;
}): Promise<{ readonly factors: SecondFactors; readonly factorParts: FactorParts }> {
  const { store, dataDir, ownUrl, keyedHash, clock, random, limits, log } = given;
  const totpSecrets = makeTotpSecrets(store);
  // Whatever comes to be sealed has to be asked here too.
  const ring = loadKeyRing(dataDir, { mayMake: await totpSecrets.isEmpty() });
  const factorParts: FactorParts = {
    totpSecrets,
    recoveryCodes: makeRecoveryCodes(store),
    passkeys: makePasskeys(store, limits),
    keystore: makeKeystore(ring, random),
    keyedHash,
    clock,
    random,
    relyingParty: () => readRelyingParty(ownUrl()),
  };
  return { factors: makeSecondFactors({ ...factorParts, log }), factorParts };
}

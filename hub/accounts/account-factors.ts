import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Passkeys } from "../store/passkeys.ts";
import type { Store } from "../store/open-store.ts";
import type { RecoveryCodes } from "../store/recovery-codes.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import type { PasskeyRow } from "../store/schema.ts";
import type { TotpSecrets } from "../store/totp-secrets.ts";
import { makePasskeyChallenges } from "./passkey-challenges.ts";
import {
  finishAuthentication,
  readCredentialId,
  startAuthentication,
  type KnownPasskey,
} from "./passkeys.ts";
import { recoveryCodeSecret } from "./recovery-codes.ts";
import type { RelyingParty } from "./relying-party.ts";
import type { FactorOutcome, SecondFactors } from "./second-factors.ts";
import { makeShortLived } from "./short-lived.ts";
import { makeThrottle } from "./throttle.ts";
import { checkTotpCode } from "./totp.ts";

/** What second factors are kept in and made with. */
export interface FactorParts {
  readonly totpSecrets: TotpSecrets;
  readonly recoveryCodes: RecoveryCodes;
  readonly passkeys: Passkeys;
  readonly keystore: Keystore;
  readonly keyedHash: KeyedHash;
  readonly clock: HubClock;
  readonly random: Random;
  /** Null: this hub's address has no passkeys. */
  readonly relyingParty: () => RelyingParty | null;
}

interface LogInUnderWay {
  readonly userId: string;
  /** Codes that were tried. */
  tries: number;
  isPasskeyUsed: boolean;
}

const maxTries = 5;
/** Only who knew a password adds one. */
const maxUnderWay = 10_000;
const refused: FactorOutcome = { ok: false };

/**
 * Second factors of accounts: codes by time, recovery codes and passkeys. An account that has one of them is
 * not entered by its password alone. Wrong codes by time are slowed down for each account, for six digits are
 * few and whoever tries them knows the password already. Recovery codes (50 bits) and passkeys cannot be
 * guessed and wait for nobody else's failures, so that the owner gets in.
 */
export function makeSecondFactors(
  parts: FactorParts & { readonly log: Pick<HubLog, "failure"> },
): SecondFactors {
  const { totpSecrets, recoveryCodes, passkeys, keystore, keyedHash, clock, random, log } = parts;
  const underWay = makeShortLived<LogInUnderWay>(clock, { maxEntries: maxUnderWay });
  const challenges = makePasskeyChallenges({ clock, random });
  const totpThrottle = makeThrottle({ clock });

  async function checkTotp(userId: string, code: string): Promise<boolean> {
    const row = await totpSecrets.find(userId);
    if (row === undefined) return false;
    const opened = keystore.open(sealedPlace("totpSecret", userId), row.secret);
    if (!opened.ok) {
      const error = new Error(`sealed secret not opened: ${opened.reason}`);
      log.failure("one-time code not checked", error, { userId });
      return false;
    }
    const now = { nowMs: clock.wallMs(), lastStep: row.last_step };
    const checked = checkTotpCode(opened.plaintext, code, now);
    return checked.ok && (await totpSecrets.accept(userId, checked.step));
  }

  async function checkRecoveryCode(userId: string, code: string): Promise<boolean> {
    const secret = recoveryCodeSecret(userId, code);
    if (secret === null) return false;
    return await recoveryCodes.use(userId, await keyedHash.settle("recovery_codes", secret));
  }

  /** Counts as wrong from the start, so that many at once are not all let through. */
  async function tryTotp(attempt: LogInUnderWay, code: string): Promise<FactorOutcome> {
    const { userId } = attempt;
    const retryAfterMs = totpThrottle.check([userId]);
    if (retryAfterMs > 0) return { ok: false, retryAfterMs };
    attempt.tries += 1;
    totpThrottle.failed([userId]);
    if (!(await checkTotp(userId, code))) return refused;
    totpThrottle.succeeded([userId]);
    return { ok: true, userId, alone: false };
  }

  async function tryRecoveryCode(attempt: LogInUnderWay, code: string): Promise<FactorOutcome> {
    const { userId } = attempt;
    attempt.tries += 1;
    return (await checkRecoveryCode(userId, code)) ? { ok: true, userId, alone: false } : refused;
  }

  /** `userId` null: the passkey says whose it is. */
  async function checkPasskey(userId: string | null, challenge: string, json: string) {
    const party = parts.relyingParty();
    const credentialId = readCredentialId(json);
    if (party === null || credentialId === null) return refused;
    const row = await passkeys.find(credentialId);
    if (row === undefined || (userId !== null && row.user_id !== userId)) return refused;
    const alone = userId === null;
    const used = await finishAuthentication(party, knownPasskeyOf(row), { challenge, json, alone });
    if (used === null || (alone && !challenges.use(challenge))) return refused;
    const stored = await passkeys.storeUse(row, { counter: used.counter, atMs: clock.wallMs() });
    return stored ? ({ ok: true, userId: row.user_id, alone } as const) : refused;
  }

  return {
    async needed(userId) {
      const [totp, keys] = await Promise.all([totpSecrets.find(userId), passkeys.list(userId)]);
      if (totp === undefined && keys.length === 0) return null;
      const challenge = Buffer.from(random(32)).toString("base64url");
      const party = parts.relyingParty();
      const passkeyOptionsJson =
        party === null || keys.length === 0
          ? ""
          : await startAuthentication(party, challenge, keys.map(knownPasskeyOf));
      underWay.put(challenge, { userId, tries: 0, isPasskeyUsed: false });
      const recoveryCode = (await recoveryCodes.count(userId)) > 0;
      return { challenge, totp: totp !== undefined, recoveryCode, passkeyOptionsJson };
    },

    async finish(challenge, proof) {
      const attempt = underWay.get(challenge);
      if (attempt === undefined) {
        if (proof.case !== "passkeyJson" || !challenges.isGood(challenge)) return refused;
        return await checkPasskey(null, challenge, proof.value);
      }
      let outcome: FactorOutcome = refused;
      if (proof.case === "passkeyJson") {
        // A challenge of WebAuthn is answered once, rightly or wrongly.
        if (attempt.isPasskeyUsed) return refused;
        attempt.isPasskeyUsed = true;
        outcome = await checkPasskey(attempt.userId, challenge, proof.value);
      } else if (proof.case !== undefined) {
        if (attempt.tries >= maxTries) return refused;
        const attemptCode = proof.case === "totpCode" ? tryTotp : tryRecoveryCode;
        outcome = await attemptCode(attempt, proof.value);
      }
      // Of two right answers at the same time one counts.
      return outcome.ok && underWay.take(challenge) === undefined ? refused : outcome;
    },

    async startPasskeyLogIn() {
      const party = parts.relyingParty();
      if (party === null) return null;
      const challenge = challenges.make();
      return { challenge, optionsJson: await startAuthentication(party, challenge, null) };
    },

    async describe(userId) {
      const [totp, keys, recoveryCodesLeft] = await Promise.all([
        totpSecrets.find(userId),
        passkeys.list(userId),
        recoveryCodes.count(userId),
      ]);
      return {
        hasTotp: totp !== undefined,
        recoveryCodesLeft,
        passkeys: keys.map((row) => ({
          credentialId: row.credential_id,
          name: row.name,
          createdAtMs: BigInt(row.created_at_ms),
          lastUsedAtMs: BigInt(row.last_used_at_ms),
        })),
      };
    },

    forget: forgetFactors,
  };
}

/** Needs no key: what was sealed goes unread. */
export async function forgetFactors(db: Store, userId: string): Promise<void> {
  for (const table of ["totp", "passkeys", "recovery_codes"] as const) {
    await db.deleteFrom(table).where("user_id", "=", userId).execute();
  }
}

export function knownPasskeyOf(row: PasskeyRow): KnownPasskey {
  return {
    credentialId: row.credential_id,
    userId: row.user_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports.split(","),
  };
}

import { createHmac, randomBytes } from "node:crypto";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { makeSecondFactors, type FactorParts } from "../accounts/account-factors.ts";
import { readRelyingParty } from "../accounts/relying-party.ts";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeKeystore } from "../keystore/keystore.ts";
import { makeKeyedHash } from "../store/keyed-hash.ts";
import { makePasskeys } from "../store/passkeys.ts";
import { makeRecoveryCodes } from "../store/recovery-codes.ts";
import { makeTotpSecrets } from "../store/totp-secrets.ts";
import { makeLogin } from "./make-user.ts";
import { addUsers, openTestStore } from "./open-test-store.ts";

export const publicUrl = "https://hub.example.com";

/** Second factors over a real database and with a clock that the test moves; `restart` is another process. */
export async function startFactors() {
  const { store, close } = await openTestStore();
  const userIds = ["usr_ann", "usr_bob"];
  await addUsers(store, userIds);
  const logins = userIds.flatMap((userId) =>
    ["lgn_1", "lgn_2"].map((id) =>
      makeLogin(`${id}_of_${userId}`, userId, { expires_at_ms: 2e12 }),
    ),
  );
  await store.insertInto("logins").values(logins).execute();
  const manual = makeManualClock(1_000_000);
  const clock = { ...manual, wallMs: () => 1_700_000_000_000 + manual.now() };
  const failures: string[] = [];
  const parts: FactorParts = {
    totpSecrets: makeTotpSecrets(store),
    recoveryCodes: makeRecoveryCodes(store),
    passkeys: makePasskeys(store, makeHubLimits()),
    keystore: makeKeystore(
      { activeVersion: 1, keys: new Map([[1, new Uint8Array(32).fill(1)]]) },
      random,
    ),
    keyedHash: makeKeyedHash(new Uint8Array(32).fill(2)),
    clock,
    random,
    relyingParty: () => readRelyingParty(publicUrl),
  };
  const log = { failure: (event: string) => void failures.push(event) };
  const restart = (changed: Partial<FactorParts> = {}) =>
    makeSecondFactors({ ...parts, log, ...changed });
  return { store, close, clock, parts, failures, restart, factors: restart() };
}

/** The first login of one of them, as the account was when it was made. */
export function standingOf(userId: string) {
  return { loginId: `lgn_1_of_${userId}`, epoch: 0, nowMs: 1 };
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

/** As an authenticator app would show it; a second implementation, from the base32 text to the digits. */
export function showTotp(secret: string, wallMs: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = 0n;
  for (const letter of secret) bits = bits * 32n + BigInt(letters.indexOf(letter));
  const key = Buffer.from(
    (bits >> BigInt((secret.length * 5) % 8)).toString(16).padStart(40, "0"),
    "hex",
  );
  const step = Buffer.from(
    BigInt(Math.floor(wallMs / 30_000))
      .toString(16)
      .padStart(16, "0"),
    "hex",
  );
  const mac = createHmac("sha1", key).update(step).digest("hex");
  const offset = 2 * parseInt(mac.slice(-1), 16);
  const number = parseInt(mac.slice(offset, offset + 8), 16) % 2 ** 31;
  return String(number).slice(-6).padStart(6, "0");
}

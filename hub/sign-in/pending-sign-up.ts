import { createHash } from "node:crypto";
import type { Keystore } from "../keystore/keystore.ts";
import type { PendingSignUps } from "../store/pending-sign-ups.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import type { ProvenIdentity } from "./identity-provider.ts";

/** An identity that was proven and is nobody's yet, until its owner has chosen a user name. */
export interface PendingSignUp extends ProvenIdentity {
  readonly providerId: string;
  readonly returnTo: string;
}

export interface SignUpDesk {
  offer(browser: string, pending: PendingSignUp): Promise<void>;
  /** With when it ends. Undefined: none waits for this browser. */
  find(
    browser: string,
  ): Promise<{ readonly pending: PendingSignUp; readonly expiresAtMs: number } | undefined>;
  close(browser: string): Promise<void>;
}

export function makeSignUpDesk(parts: {
  readonly pendingSignUps: PendingSignUps;
  readonly keystore: Keystore;
  readonly lifeMs: number;
  readonly wallMs: () => number;
}): SignUpDesk {
  const { pendingSignUps, keystore, lifeMs, wallMs } = parts;
  // 256 random bits need no key to be hashed with.
  const idOf = (browser: string): string =>
    createHash("sha256").update(`pending sign-up ${browser}`).digest("base64url");

  return {
    async offer(browser, pending) {
      const id = idOf(browser);
      const nowMs = wallMs();
      const plaintext = new TextEncoder().encode(JSON.stringify(pending));
      const payload = keystore.seal(sealedPlace("pendingSignUp", id), plaintext);
      const row = { sign_up_id: id, payload, expires_at_ms: nowMs + lifeMs };
      await pendingSignUps.put(row, nowMs);
    },
    async find(browser) {
      const id = idOf(browser);
      const row = await pendingSignUps.find(id, wallMs());
      if (row === undefined) return undefined;
      const opened = keystore.open(sealedPlace("pendingSignUp", id), row.payload);
      if (!opened.ok) return undefined;
      const pending = JSON.parse(Buffer.from(opened.plaintext).toString("utf8")) as PendingSignUp;
      return { pending, expiresAtMs: row.expires_at_ms };
    },
    close: (browser) => pendingSignUps.remove(idOf(browser)),
  };
}

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { AccountSchema } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { knownPasskeyOf, type FactorParts } from "../../accounts/account-factors.ts";
import type { Principal } from "../../accounts/authenticator.ts";
import { finishRegistration, startRegistration } from "../../accounts/passkeys.ts";
import { hashRecoveryCode, makeRecoveryCodes } from "../../accounts/recovery-codes.ts";
import { makeShortLived } from "../../accounts/short-lived.ts";
import { checkTotpCode, makeTotpSecret, toBase32, totpUri } from "../../accounts/totp.ts";
import { sealedPlace } from "../../store/sealed-columns.ts";
import { requireTitle } from "../check-request.ts";
import { refuse } from "../refusal.ts";

type FactorCalls = Pick<
  ServiceImpl<typeof AccountService>,
  | "startTotp"
  | "finishTotp"
  | "removeTotp"
  | "makeRecoveryCodes"
  | "startPasskeyRegistration"
  | "finishPasskeyRegistration"
  | "removePasskey"
>;

/** Of the account, when its password was confirmed: whatever ends log-ins under way ends this as well. */
interface Begun {
  readonly epoch: number;
}

/** Ceremonies under way, of all accounts together. Only who is logged in and knew the password adds one. */
const maxPending = 10_000;

/**
 * The part of AccountService about second factors. What begins or removes one asks for the password again;
 * what finishes one belongs to the login that began it.
 */
export function makeFactorCalls(
  parts: FactorParts & {
    readonly principalOf: (context: HandlerContext) => Principal;
    /** Throws the refusal when it is not the caller's, or when too many were wrong. */
    readonly requirePassword: (
      context: HandlerContext,
      password: string,
    ) => Promise<{ readonly epoch: number }>;
    readonly accountOf: (
      context: HandlerContext,
    ) => Promise<MessageInitShape<typeof AccountSchema>>;
    /** Something was added or removed; `event` is for the log. */
    readonly onChanged: (userId: string, event: string) => void;
  },
): FactorCalls {
  const { totpSecrets, recoveryCodes, passkeys, keystore, keyedHash, clock, random } = parts;
  const { principalOf, requirePassword, accountOf, onChanged } = parts;
  const pendingSecrets = makeShortLived<Begun & { readonly secret: Uint8Array }>(clock, {
    maxEntries: maxPending,
  });
  const pendingPasskeys = makeShortLived<Begun & { readonly challenge: string }>(clock, {
    maxEntries: maxPending,
  });

  const loginOf = (context: HandlerContext): string => {
    const { userId, loginId } = principalOf(context);
    return `${userId} ${loginId}`;
  };

  function makeCodes(userId: string): { codes: string[]; hashes: string[] } {
    const codes = makeRecoveryCodes(random);
    const hashes = codes.map((code) => hashRecoveryCode(keyedHash, userId, code));
    return { codes, hashes: hashes.filter((hash) => hash !== null) };
  }

  function requireParty() {
    const party = parts.relyingParty();
    if (party !== null) return party;
    throw refuse(
      "invalid_request",
      "passkeys need a host name and https: open the hub under such an address",
    );
  }

  return {
    async startTotp({ password }, context) {
      const { epoch } = await requirePassword(context, password);
      const { userId } = principalOf(context);
      if ((await totpSecrets.find(userId)) !== undefined) throw totpExists();
      const { username = "" } = await accountOf(context);
      const secret = makeTotpSecret(random);
      pendingSecrets.put(loginOf(context), { epoch, secret });
      const host = parts.relyingParty()?.id ?? "localhost";
      const issuer = host === "localhost" ? "LeapMux" : `LeapMux ${host}`;
      return { secret: toBase32(secret), uri: totpUri(secret, issuer, username) };
    },

    async finishTotp({ code }, context) {
      const { userId, loginId } = principalOf(context);
      const begun = pendingSecrets.get(loginOf(context));
      if (begun === undefined) throw refuse("not_found", "five minutes have passed: begin again");
      const { secret, epoch } = begun;
      const nowMs = clock.wallMs();
      const checked = checkTotpCode(secret, code, { nowMs, lastStep: 0 });
      if (!checked.ok) {
        throw refuse(
          "invalid_request",
          "this code is not right: wait for the next one, and check the clock of the device that shows it",
        );
      }
      const { codes, hashes } = makeCodes(userId);
      const row = {
        user_id: userId,
        secret: keystore.seal(sealedPlace("totpSecret", userId), secret),
        // The code that has just been shown is no way to log in any more.
        last_step: checked.step,
        created_at_ms: nowMs,
      };
      const added = await totpSecrets.add(row, hashes, { loginId, epoch, nowMs });
      pendingSecrets.take(loginOf(context));
      if (added === "credential_revoked") throw refuse(added);
      if (added === "already_exists") throw totpExists();
      onChanged(userId, "one-time codes set up");
      return { recoveryCodes: codes };
    },

    async removeTotp({ password }, context) {
      await requirePassword(context, password);
      const { userId } = principalOf(context);
      if (!(await totpSecrets.remove(userId))) throw refuse("not_found");
      onChanged(userId, "one-time codes removed");
      return {};
    },

    async makeRecoveryCodes({ password }, context) {
      await requirePassword(context, password);
      const { userId } = principalOf(context);
      const { codes, hashes } = makeCodes(userId);
      if (!(await recoveryCodes.replace(userId, hashes))) {
        throw refuse(
          "invalid_request",
          "recovery codes stand in for a second factor: set up one-time codes or a passkey first",
        );
      }
      onChanged(userId, "recovery codes replaced");
      return { recoveryCodes: codes };
    },

    async startPasskeyRegistration({ password }, context) {
      const party = requireParty();
      const { epoch } = await requirePassword(context, password);
      const { userId } = principalOf(context);
      const { username = "", displayName = "" } = await accountOf(context);
      const present = (await passkeys.list(userId)).map(knownPasskeyOf);
      const challenge = Buffer.from(random(32)).toString("base64url");
      const user = { userId, username, displayName };
      const optionsJson = await startRegistration(party, user, { challenge, present });
      pendingPasskeys.put(loginOf(context), { epoch, challenge });
      return { optionsJson };
    },

    async finishPasskeyRegistration({ responseJson, name }, context) {
      const party = requireParty();
      const { userId, loginId } = principalOf(context);
      const title = requireTitle(name, "name");
      const begun = pendingPasskeys.take(loginOf(context));
      if (begun === undefined) {
        throw refuse(
          "not_found",
          "five minutes have passed, or it was answered already: begin again",
        );
      }
      const passkey = await finishRegistration(party, begun.challenge, responseJson);
      if (passkey === null) {
        throw refuse("invalid_request", "the passkey did not answer as it should: begin again");
      }
      const nowMs = clock.wallMs();
      const row = {
        credential_id: passkey.credentialId,
        user_id: userId,
        name: title,
        public_key: passkey.publicKey,
        counter: passkey.counter,
        transports: passkey.transports.join(","),
        created_at_ms: nowMs,
        last_used_at_ms: 0,
      };
      const added = await passkeys.add(row, { loginId, epoch: begun.epoch, nowMs });
      if (added === "credential_revoked") throw refuse(added);
      if (added === "already_exists") {
        throw refuse("already_exists", "this passkey is registered already");
      }
      if (added === "limit_reached") {
        throw refuse("limit_reached", "there are too many passkeys: remove one first");
      }
      onChanged(userId, "passkey added");
      return { account: await accountOf(context) };
    },

    async removePasskey({ credentialId, password }, context) {
      await requirePassword(context, password);
      const { userId } = principalOf(context);
      const removed = await passkeys.remove(userId, credentialId);
      if (removed !== "removed") throw refuse(removed);
      onChanged(userId, "passkey removed");
      return { account: await accountOf(context) };
    },
  };
}

function totpExists() {
  return refuse("already_exists", "one-time codes are set up already: remove them first");
}

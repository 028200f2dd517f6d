import type { Principal } from "../../accounts/authenticator.ts";
import { makeAccountId } from "../../accounts/account-tokens.ts";
import { noTarget, stranger, type AuditEvent } from "../../audit/audit-event.ts";
import type { LogInPlace } from "../../accounts/open-login.ts";
import type { ProvenIdentity } from "../../sign-in/identity-provider.ts";
import { describeProviderFailure } from "../../sign-in/provider-failure.ts";
import type { SignInAttempt } from "../../sign-in/sign-in-attempts.ts";
import type { RefusedCode, SignInOutcome } from "../../sign-in/sign-in-outcome.ts";
import { callbackPathOf, type SignIn } from "../../sign-in/sign-in.ts";
import type { IdentityRow, ProviderRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";
import { replaceLogin } from "../login/replace-login.ts";
import { followAdminClaim } from "./follow-admin-claim.ts";

export type FinishedSignIn =
  | { readonly kind: "logged_in"; readonly token: string; readonly returnTo: string }
  | SignInOutcome;

type Parts = AccountParts & { readonly signIn: SignIn };

/**
 * The way back from a provider: 1. whose attempt it was, 2. what the answer proves, 3. what that means here. What
 * is linked to no account is never matched by its address, for accounts have none that was verified.
 */
export async function finishSignIn(
  parts: Parts,
  answered: {
    readonly providerId: string;
    /** The secret of the browser; null: it has none. */
    readonly browser: string | null;
    /** As the address of the callback carries it. */
    readonly answer: URLSearchParams;
    readonly place: LogInPlace;
    /** Whose login the browser has. */
    readonly caller: Principal | null;
  },
): Promise<FinishedSignIn> {
  const { signIn, log } = parts;
  const { providerId, browser, place, caller } = answered;
  const state = answered.answer.get("state") ?? "";
  const attempt = browser === null ? null : signIn.attempts.take({ state, providerId, browser });
  if (attempt === null) {
    await noteRefusal(parts, "stale", null, place);
    return refused("stale", null, null);
  }
  const provider = await signIn.providers.find(providerId);
  if (provider === undefined || provider.enabled === 0) {
    return refused("provider_disabled", provider ?? null, attempt);
  }

  let identity: ProvenIdentity;
  try {
    const connected = await signIn.connect.stored(provider);
    const redirectUri = `${parts.ownUrl()}${callbackPathOf(providerId)}`;
    const answer = attempt.answer ?? answered.answer;
    identity = await connected.prove({ ...attempt, redirectUri }, answer);
  } catch (error) {
    const { code, detail } = describeProviderFailure(error);
    log.warn("sign-in refused", { providerId, code, reason: detail });
    await noteRefusal(parts, code, provider, place);
    return refused(code, provider, attempt);
  }

  if (attempt.link !== null) return link(parts, { provider, identity, attempt, caller, place });
  const known = await signIn.identities.findUser(providerId, identity.subject);
  if (known !== undefined) {
    const { user: found, identity: linked } = known;
    const user = await followAdminClaim(parts, { user: found, linked, provider, identity });
    const base = { providerName: provider.name, returnTo: attempt.returnTo };
    // A second factor is the account's own: who holds the account at the provider does not hold it as well.
    const factor = await parts.factors.needed(user.user_id);
    if (factor !== null) {
      parts.pending.add(factor.challenge, user);
      return { ...base, kind: "second_factor", factor };
    }
    const token = await replaceLogin(parts, { user, basis: user, place, former: caller });
    if (token === null) return refused("login_changed", provider, attempt);
    const actor = { kind: "user", id: user.user_id, via: "" } as const;
    await note(parts, { actor, action: "login.opened", result: "done" }, provider, place);
    return { kind: "logged_in", token, returnTo: attempt.returnTo };
  }
  // The first account is made by whoever runs the hub.
  if (!parts.maySignUp() || (await parts.users.isEmpty())) {
    await noteRefusal(parts, "sign_up_disabled", provider, place);
    return refused("sign_up_disabled", provider, attempt);
  }
  const { returnTo } = attempt;
  await signIn.signUpDesk.offer(attempt.browser, { ...identity, providerId, returnTo });
  return { kind: "sign_up", providerName: provider.name, returnTo };
}

async function link(
  parts: Parts,
  of: {
    readonly provider: ProviderRow;
    readonly identity: ProvenIdentity;
    readonly attempt: SignInAttempt;
    readonly caller: Principal | null;
    readonly place: LogInPlace;
  },
): Promise<SignInOutcome> {
  const { signIn, log, wallMs } = parts;
  const { provider, identity, attempt, caller, place } = of;
  const { link: wanted, returnTo } = attempt;
  // Only into the account of the login that confirmed it, in the browser that still has it.
  if (wanted === null || caller?.loginId !== wanted.loginId) {
    return refused("login_changed", provider, attempt);
  }
  const { userId, loginId, epoch } = wanted;
  const row = identityRow(parts, provider.provider_id, userId, identity);
  const linked = await signIn.identities.link(row, { loginId, epoch, nowMs: wallMs() });
  switch (linked) {
    case "linked":
      log.info("identity linked", { userId, providerId: provider.provider_id });
      parts.announceChange(userId, { account: true });
      await note(
        parts,
        {
          actor: { kind: "login", id: userId, via: loginId },
          action: "account.identity_linked",
          result: "done",
        },
        provider,
        place,
      );
      return { kind: "linked", providerName: provider.name, returnTo };
    case "already_linked":
      return { kind: "linked", providerName: provider.name, returnTo };
    case "taken":
      return refused("taken", provider, attempt);
    case "limit_reached":
      return refused("too_many_linked", provider, attempt);
    case "provider_gone":
      return refused("provider_disabled", provider, attempt);
    case "credential_revoked":
      return refused("login_changed", provider, attempt);
  }
}

export function identityRow(
  parts: Pick<AccountParts, "random" | "wallMs">,
  providerId: string,
  userId: string,
  identity: Pick<ProvenIdentity, "subject" | "email">,
): IdentityRow {
  return {
    identity_id: makeAccountId(parts.random, "idn_"),
    provider_id: providerId,
    subject: identity.subject,
    user_id: userId,
    email: identity.email,
    gave_admin: 0,
    linked_at_ms: parts.wallMs(),
  };
}

function note(
  { signIn }: Parts,
  event: Pick<AuditEvent, "actor" | "action" | "result" | "detail">,
  provider: ProviderRow | null,
  { address }: LogInPlace,
): Promise<void> {
  const target = { kind: "provider", id: provider?.provider_id ?? "" } as const;
  return signIn.audit.record({ ...event, address, target: provider === null ? noTarget : target });
}

const noteRefusal = (
  parts: Parts,
  reason: RefusedCode,
  provider: ProviderRow | null,
  place: LogInPlace,
): Promise<void> =>
  note(
    parts,
    { actor: stranger, action: "login.failed", result: "refused", detail: { reason } },
    provider,
    place,
  );

function refused(
  code: RefusedCode,
  provider: ProviderRow | null,
  attempt: SignInAttempt | null,
): SignInOutcome {
  return {
    kind: "refused",
    code,
    providerName: provider?.name ?? "",
    returnTo: attempt?.returnTo ?? "/",
  };
}

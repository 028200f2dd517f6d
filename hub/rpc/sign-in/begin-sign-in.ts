import { isSecret, makeSecret } from "../../accounts/account-tokens.ts";
import { networkOf } from "../../accounts/network-of.ts";
import { describeProviderFailure } from "../../sign-in/provider-failure.ts";
import type { LinkRequest } from "../../sign-in/sign-in-attempts.ts";
import type { RefusedCode } from "../../sign-in/sign-in-outcome.ts";
import { callbackPathOf, type SignIn } from "../../sign-in/sign-in.ts";
import type { ProviderRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";

export type BegunSignIn =
  | { readonly ok: true; readonly url: URL; readonly browser: string }
  | {
      readonly ok: false;
      readonly code: RefusedCode;
      readonly browser: string;
      readonly retryAfterMs: number;
      readonly provider: ProviderRow | undefined;
    };

/** The way out to a provider. `cookieHeader` tells which browser it is; one that has no secret yet is given one. */
export async function beginSignIn(
  parts: AccountParts & { readonly signIn: SignIn },
  asked: {
    readonly providerId: string;
    readonly cookieHeader: string | null;
    readonly address: string;
    readonly returnTo: string;
    readonly link: LinkRequest | null;
  },
): Promise<BegunSignIn> {
  const { signIn, random, log } = parts;
  const { providerId, returnTo, link } = asked;
  const network = networkOf(asked.address);
  // The same for all its windows, so that one does not spoil the other.
  const held = signIn.cookie.read(asked.cookieHeader);
  const browser = held !== null && isSecret(held, "lms_") ? held : makeSecret(random, "lms_");
  const refused = (code: RefusedCode, retryAfterMs = 0, provider?: ProviderRow): BegunSignIn => ({
    ...{ ok: false, code, browser, retryAfterMs, provider },
  });

  const retryAfterMs = signIn.begins.take(network);
  if (retryAfterMs > 0) return refused("throttled", retryAfterMs);
  const provider = await signIn.providers.find(providerId);
  if (provider === undefined || provider.enabled === 0) return refused("provider_disabled");
  const attempt = signIn.attempts.begin({ providerId, browser, network, returnTo, link });
  if (attempt === null) return refused("throttled", 60_000, provider);
  try {
    const connected = await signIn.connect.stored(provider);
    const redirectUri = `${parts.ownUrl()}${callbackPathOf(providerId)}`;
    const url = await connected.addressFor({ ...attempt, redirectUri });
    return { ok: true, url, browser };
  } catch (error) {
    signIn.attempts.take(attempt);
    const { code, detail } = describeProviderFailure(error);
    log.warn("provider not reached", { providerId, code, reason: detail });
    return refused(code, 0, provider);
  }
}

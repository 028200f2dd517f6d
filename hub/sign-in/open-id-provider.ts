import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type ClientAuth,
  type Configuration,
  type CustomFetch,
} from "openid-client";
import { makeAppleSecret } from "./apple-secret.ts";
import type { IdentityProvider, ProviderDescription, ProviderSecret } from "./identity-provider.ts";
import { ProviderFailure } from "./provider-failure.ts";
import { readClaims } from "./read-claims.ts";

/**
 * OpenID Connect: code flow with PKCE. State, nonce, `iss` (RFC 9207), issuer, audience, times and the signature
 * of the ID token are checked by openid-client, before anything of it is read.
 */
export async function connectOpenIdProvider(options: {
  readonly provider: ProviderDescription;
  readonly secret: ProviderSecret;
  readonly fetch: CustomFetch;
  readonly allowLoopback: boolean;
  readonly wallMs: () => number;
}): Promise<IdentityProvider> {
  const { provider, secret, fetch, allowLoopback, wallMs } = options;
  const execute = [
    // Also where the token comes straight from the provider: no `none`, no key of anybody else.
    enableNonRepudiationChecks,
    ...(allowLoopback ? [allowInsecureRequests] : []),
  ];
  const config = await discovery(
    new URL(provider.issuer),
    provider.client_id,
    undefined,
    makeClientAuth(secret, provider.client_id, wallMs),
    { [customFetch]: fetch, execute },
  );
  requireCodeFlow(config);
  // Discovery asked with it already; from here on the configuration does.
  config[customFetch] = fetch;

  return {
    async addressFor({ redirectUri, state, nonce, verifier }) {
      return buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: provider.scopes,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(provider.form_post === 1 ? { response_mode: "form_post" } : {}),
      });
    },

    async prove({ redirectUri, state, nonce, verifier }, answer) {
      const address = new URL(redirectUri);
      address.search = answer.toString();
      const tokens = await authorizationCodeGrant(config, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new ProviderFailure("answer_refused", "no_id_token");
      const lacks = (name: string): boolean => name !== "" && !Object.hasOwn(claims, name);
      const isMore = (provider.trust_email === 1 && lacks("email")) || lacks(provider.admin_claim);
      // Many providers put no more into the ID token than who it is.
      const more =
        isMore && config.serverMetadata().userinfo_endpoint !== undefined
          ? await fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
      return readClaims({ ...more, ...claims }, provider);
    },
  };
}

function requireCodeFlow(config: Configuration): void {
  const {
    authorization_endpoint: at,
    token_endpoint: token,
    jwks_uri: keys,
  } = config.serverMetadata();
  if (at === undefined || token === undefined || keys === undefined) {
    throw new ProviderFailure("answer_refused", "no_code_flow");
  }
}

function makeClientAuth(
  secret: ProviderSecret,
  clientId: string,
  wallMs: () => number,
): ClientAuth {
  if (secret.kind === "apple") {
    return (server, client, body, headers) =>
      ClientSecretPost(makeAppleSecret(secret, clientId, wallMs()))(server, client, body, headers);
  }
  const post = ClientSecretPost(secret.value);
  const basic = ClientSecretBasic(secret.value);
  return (server, client, body, headers) => {
    // Nothing said means basic (OpenID Connect Discovery §3).
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const auth = methods.includes("client_secret_basic") ? basic : post;
    auth(server, client, body, headers);
  };
}

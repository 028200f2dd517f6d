import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  Configuration,
  customFetch,
  fetchProtectedResource,
  type CustomFetch,
} from "openid-client";
import type { IdentityProvider, ProviderDescription, ProviderSecret } from "./identity-provider.ts";
import { ProviderFailure } from "./provider-failure.ts";
import { readClaims } from "./read-claims.ts";

const publicIssuer = "https://github.com";

/**
 * GitHub speaks OAuth 2 without OpenID Connect: no ID token says who it is, but its API does, to the access token
 * that the code was exchanged for by the hub itself. The id of an account never changes; its login does.
 */
export function connectGithub(options: {
  readonly provider: ProviderDescription;
  readonly secret: ProviderSecret;
  readonly fetch: CustomFetch;
  readonly allowLoopback: boolean;
}): IdentityProvider {
  const { provider, secret, fetch, allowLoopback } = options;
  const { issuer } = provider;
  if (secret.kind !== "secret") throw new ProviderFailure("client_refused", "secret_unfit");
  // GitHub Enterprise Server has its API below its own address.
  const api = issuer === publicIssuer ? "https://api.github.com" : `${issuer}/api/v3`;
  const config = new Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    },
    provider.client_id,
    undefined,
    ClientSecretPost(secret.value),
  );
  config[customFetch] = fetch;
  if (allowLoopback) allowInsecureRequests(config);

  async function read(path: string, token: string): Promise<unknown> {
    const answer = await fetchProtectedResource(
      config,
      token,
      new URL(`${api}${path}`),
      "GET",
      undefined,
      new Headers({ accept: "application/vnd.github+json" }),
    );
    if (answer.status !== 200) throw new ProviderFailure("provider_error", "error_answer");
    return answer.json();
  }

  return {
    async addressFor({ redirectUri, state, verifier }) {
      return buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: provider.scopes,
        state,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
    },

    async prove({ redirectUri, state, verifier }, answer) {
      const address = new URL(redirectUri);
      address.search = answer.toString();
      const { access_token: token } = await authorizationCodeGrant(config, address, {
        expectedState: state,
        pkceCodeVerifier: verifier,
      });
      const user = await read("/user", token);
      if (!isRecord(user) || !Number.isSafeInteger(user["id"]) || Number(user["id"]) < 1) {
        throw new ProviderFailure("answer_refused", "subject_unfit");
      }
      const email = provider.trust_email === 1 ? primaryOf(await read("/user/emails", token)) : "";
      return readClaims(
        {
          sub: String(user["id"]),
          name: user["name"],
          preferred_username: user["login"],
          email,
          email_verified: email !== "",
        },
        provider,
      );
    },
  };
}

function primaryOf(list: unknown): string {
  for (const each of Array.isArray(list) ? list : []) {
    if (!isRecord(each) || each["primary"] !== true || each["verified"] !== true) continue;
    if (typeof each["email"] === "string") return each["email"];
  }
  return "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

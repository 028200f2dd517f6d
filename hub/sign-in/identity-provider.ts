import type { ProviderRow } from "../store/schema.ts";

/** Somebody's account at a provider, proven by an exchange that was checked from end to end. */
export interface ProvenIdentity {
  readonly subject: string;
  /** What the provider says is verified, where it is trusted with that; else empty. */
  readonly email: string;
  /** Suggestions for an account that is made; empty where there are none that fit. */
  readonly displayName: string;
  readonly username: string;
  /** The configured claim says that this is an admin. */
  readonly isAdmin: boolean;
}

/** What of one sign-in the browser carries there and back, and what it does not. */
export interface Exchange {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636): never leaves the hub before the answer has come. */
  readonly verifier: string;
}

/** One way of asking a provider who somebody is. Both throw `ProviderFailure`, or something of the library's. */
export interface IdentityProvider {
  /** Where the browser is sent. */
  addressFor(exchange: Exchange): Promise<URL>;
  prove(exchange: Exchange, answer: URLSearchParams): Promise<ProvenIdentity>;
}

/** What is sealed as the secret of a provider. */
export type ProviderSecret =
  | { readonly kind: "secret"; readonly value: string }
  /** Apple: each secret is signed with this key, and short-lived. */
  | {
      readonly kind: "apple";
      readonly teamId: string;
      readonly keyId: string;
      readonly privateKey: string;
    };

export type ProviderDescription = Omit<ProviderRow, "client_secret" | "created_at_ms" | "enabled">;

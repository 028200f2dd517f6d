import type { FactorChallenge } from "../accounts/second-factors.ts";
import type { FailureCode } from "./provider-failure.ts";

/** What a browser that came back from a provider is told by its page: kept under the secret that it holds. */
export type SignInOutcome = {
  readonly providerName: string;
  readonly returnTo: string;
} & (
  | { readonly kind: "second_factor"; readonly factor: FactorChallenge }
  /** The rest is in the store. */
  | { readonly kind: "sign_up" }
  | { readonly kind: "linked" }
  | { readonly kind: "refused"; readonly code: RefusedCode }
);

export type RefusedCode =
  | FailureCode
  /** Not known any more, used already, or begun in another browser. */
  | "stale"
  | "provider_disabled"
  | "throttled"
  | "sign_up_disabled"
  /** The identity is another account's. */
  | "taken"
  | "too_many_linked"
  /** The login that wanted the link is over, or the account changed. */
  | "login_changed"
  /** The hub failed. */
  | "failed";

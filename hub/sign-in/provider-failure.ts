import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";

/** Why a sign-in came to nothing at the provider: what people are told by, in words of ours. */
export type FailureCode =
  /** Whoever signs in said no, there. */
  | "declined"
  /** No answer, or none that may be listened to: too slow, too long, a redirect, an address that is not allowed. */
  | "unreachable"
  /** It does not take this hub's client id or secret. */
  | "client_refused"
  /** It says that something went wrong. */
  | "provider_error"
  /** What it said does not prove anything. */
  | "answer_refused";

/** The only way in which an exchange with a provider fails. `detail` is of a closed set, for the log. */
export class ProviderFailure extends Error {
  override readonly name = "ProviderFailure";
  readonly code: FailureCode;
  readonly detail: string;
  constructor(code: FailureCode, detail: string, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.detail = detail;
  }
}

/** What the library throws, reduced: nothing that a provider wrote is let through. */
export function describeProviderFailure(error: unknown): ProviderFailure {
  const own = findOwn(error);
  if (own !== undefined) return own;
  if (error instanceof AuthorizationResponseError) {
    return error.error === "access_denied"
      ? new ProviderFailure("declined", "access_denied")
      : new ProviderFailure("provider_error", "authorization_error");
  }
  if (error instanceof ResponseBodyError) {
    const isClient = error.error === "invalid_client" || error.error === "unauthorized_client";
    if (isClient) return new ProviderFailure("client_refused", "client_refused");
    return error.error === "invalid_grant"
      ? new ProviderFailure("answer_refused", "code_refused")
      : new ProviderFailure("provider_error", "error_answer");
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return new ProviderFailure("client_refused", "challenge");
  }
  // Codes of the library are a closed set; its messages quote what came.
  if (error instanceof ClientError && typeof error.code === "string") {
    return new ProviderFailure("answer_refused", error.code.slice(0, 60), { cause: error });
  }
  return new ProviderFailure("answer_refused", "not_understood", { cause: error });
}

function findOwn(error: unknown): ProviderFailure | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof ProviderFailure) return at;
  }
  return undefined;
}

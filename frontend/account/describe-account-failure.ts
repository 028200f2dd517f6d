import { ConnectError } from "@connectrpc/connect";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { describeFailure } from "../workspace/describe-failure.ts";

const sentences: Readonly<Record<string, string>> = {
  login_refused: "That did not match. Check the user name and what you typed, then try it again.",
  wrong_password: "That is not your password. Try it again.",
  throttled: "Too many tries. Wait a moment.",
  token_refused:
    "This link was used already, is too old or is not complete. Ask for a new one from whoever gave it to you.",
  username_taken: "This user name is taken. Choose another one.",
  sign_up_disabled: "Nobody can sign up here. Ask an admin for an invitation.",
  unauthenticated: "You are not logged in any more. Reload the page to log in.",
  login_expired: "You are not logged in any more. Reload the page to log in.",
  credential_revoked: "You are not logged in any more. Reload the page to log in.",
  not_found: "It does not exist any more.",
};

/** Whose own words say what to do; the page only makes a sentence of them. */
const spoken = new Set([
  "password_unfit",
  "not_in_solo",
  "already_exists",
  "limit_reached",
  "sole_way_in",
  "provider_refused",
]);

/** What a refused call about accounts means, and what to do next. */
export function describeAccountFailure(error: unknown): string {
  const failure = ConnectError.from(error);
  const reason = readErrorReason(failure) ?? "";
  if (spoken.has(reason) && failure.rawMessage !== "") {
    const text = failure.rawMessage;
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
  }
  return Object.hasOwn(sentences, reason) ? sentences[reason]! : describeFailure(failure);
}

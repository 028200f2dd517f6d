// What a hub refuses, as a message with a next step. Its own sentences have both already.
import { Code, ConnectError } from "@connectrpc/connect";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { CommandError } from "../command-error.ts";

export function explainRefusal(target: string, error: unknown): CommandError {
  const failed = ConnectError.from(error);
  const reason = readErrorReason(failed);
  const failure = (message: string, next?: string): CommandError =>
    new CommandError("failure", message, next, failed);

  if (reason === "invalid_request" && /^(page_token|cursor) /.test(failed.rawMessage)) {
    return new CommandError("usage", "--cursor is none that this list gave", "Start without it.");
  }
  if (reason === "invalid_request" || reason === "password_unfit") {
    return new CommandError("usage", failed.rawMessage, undefined, failed);
  }
  if (reason !== undefined && reason !== "unauthenticated" && reason !== "credential_revoked") {
    return failure(failed.rawMessage);
  }
  switch (failed.code) {
    case Code.Unauthenticated:
      return failure(
        `${target} does not know this token or login, or it has ended`,
        `Use another one, or log in again: leapmux login ${target}`,
      );
    case Code.Unimplemented:
    case Code.NotFound:
      return failure(
        `${target} does not know this command`,
        "It may be an older version, or no LeapMux hub at all.",
      );
    case Code.Internal:
      return failure(`${target}: ${failed.rawMessage}`);
    default:
      return failure(
        `the hub at ${target} cannot be reached (${Code[failed.code]})`,
        "Check the address and whether it runs, then try again.",
      );
  }
}

/** What is missing by the name that was typed, instead of "there is no such thing". */
export async function orMissing<Answer>(asked: Promise<Answer>, missing: string): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (readErrorReason(error) !== "not_found") throw error;
    throw new CommandError("failure", missing, undefined, error);
  }
}

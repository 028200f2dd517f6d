import { Code, ConnectError } from "@connectrpc/connect";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";

/** What a failed call means to a person: one sentence of what is, and where possible what to do. */
export function describeFailure(error: unknown): string {
  const failure = ConnectError.from(error);
  const reason = readErrorReason(failure) ?? "";
  if (Object.hasOwn(sentences, reason)) return sentences[reason]!;
  switch (failure.code) {
    case Code.Unavailable:
      return "The hub or the worker cannot be reached. It is tried again by itself.";
    case Code.DeadlineExceeded:
    case Code.Canceled:
      return "There was no answer in time. Try it again.";
    case Code.NotFound:
      return "It does not exist any more.";
    case Code.PermissionDenied:
    case Code.Unauthenticated:
      return "You may not do that here.";
    case Code.ResourceExhausted:
      return "A limit is reached. Close what you do not need and try it again.";
    case Code.InvalidArgument:
    case Code.FailedPrecondition:
      return failure.rawMessage === ""
        ? "That is not possible now."
        : asSentence(failure.rawMessage);
    default:
      return "It was refused for a reason that this page does not know. The hub's log says more.";
  }
}

const sentences: Readonly<Record<string, string>> = {
  worker_offline: "The worker is offline. Start it, then try it again.",
  too_many_channels: "Too many channels are open. Close another window of LeapMux.",
  rate_limited: "Too many channels were opened in this minute. Wait a little.",
  key_changed: "The worker's key changed and was not accepted. Reload the page to decide again.",
};

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

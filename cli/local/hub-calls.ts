// The few calls that the command line itself makes at a hub. Its answers are bounded, and of its words
// only what has a known form reaches the terminal.
import { Code, ConnectError, createClient, type Client, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { CommandError } from "../command-error.ts";
import { readVersion } from "../version.ts";

const maxLoginAnswerBytes = 64 * 1024;
const timeoutMs = 20_000;

export function makeLoginClient(hub: string, loginToken?: string): Client<typeof LoginService> {
  return createClient(LoginService, makeTransport(hub, loginToken, maxLoginAnswerBytes));
}

/** Anything longer than `maxAnswerBytes` is refused before it is read to its end. */
export function makeTransport(
  hub: string,
  loginToken: string | undefined,
  maxAnswerBytes: number,
): Transport {
  return createConnectTransport({
    baseUrl: hub,
    httpVersion: "1.1",
    readMaxBytes: maxAnswerBytes,
    defaultTimeoutMs: timeoutMs,
    acceptCompression: [],
    interceptors: [
      (next) => (request) => {
        request.header.set("user-agent", `leapmux/${readVersion()}`);
        if (loginToken !== undefined) request.header.set("authorization", `Bearer ${loginToken}`);
        return next(request);
      },
    ],
  });
}

/** Codes after which the same call may succeed. */
const passing: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Aborted,
  Code.Internal,
  Code.Unknown,
]);

export function mayPass(error: unknown): boolean {
  return passing.has(ConnectError.from(error).code);
}

export function describeRefusal(hub: string, error: unknown): CommandError {
  const failed = ConnectError.from(error);
  const reason = readErrorReason(failed);
  if (reason === "not_in_solo") {
    const next = `Open ${hub} in a browser.`;
    return new CommandError("failure", `${hub} is in solo mode, which has no logins`, next, failed);
  }
  if (failed.code === Code.Unimplemented || failed.code === Code.NotFound) {
    const next = "It may be an older version, or no LeapMux hub at all.";
    return new CommandError("failure", `${hub} does not know logins`, next, failed);
  }
  if (failed.code === Code.ResourceExhausted) {
    const next = "Wait a minute, then try again.";
    return new CommandError("failure", `too many logins are asked for at ${hub}`, next, failed);
  }
  const message = mayPass(failed)
    ? `the hub at ${hub} cannot be reached`
    : `the hub at ${hub} refuses (${Code[failed.code]})`;
  const next = mayPass(failed)
    ? "Check the address and whether it runs, then try again."
    : undefined;
  return new CommandError("failure", message, next, failed);
}

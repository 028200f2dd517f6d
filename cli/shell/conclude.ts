import type { Terminal } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { describeCloseReason } from "@leapmux/shared/errors/describe-close-reason.ts";
import type { ListedWorker } from "../channel/choose-worker.ts";
import type { KnownHub } from "../channel/meet-hub.ts";
import { CommandError } from "../command-error.ts";
import type { Output } from "../output.ts";
import type { StopRequest } from "../stop-request.ts";
import { failed, refused, signalBase } from "./exit-codes.ts";
import type { TerminalEnd } from "./follow-terminal.ts";
import type { LocalTerminal } from "./local-terminal.ts";

/** Says how it ended, where the program on the worker did not end by itself; the exit code. */
export function conclude(
  end: TerminalEnd,
  about: {
    terminal: Terminal;
    worker: ListedWorker;
    known: KnownHub;
    local: LocalTerminal;
    output: Output;
    stop: StopRequest;
  },
): number {
  const { terminal, worker, known, local, output, stop } = about;
  const back = `leapmux shell ${worker.workerId} --hub ${known.hub} --attach ${terminal.terminalId}`;
  const fail = (message: string, next?: string): number => {
    output.error(new CommandError("failure", message, next));
    return failed;
  };
  switch (end.kind) {
    case "exited":
      if (end.code !== undefined) return end.code & 0xff;
      if (end.signal > 0) return signalBase + end.signal;
      return fail(`the worker ${worker.name} was stopped, and the program with it`);
    case "left":
      local.notice(`Left running. Back to it: ${back}`);
      return 0;
    case "stopped":
      local.notice(`Stopped here; it runs on there. Back to it: ${back}`);
      return stop.exitCode();
    case "unread":
      return fail("nobody reads the output any more", `It runs on: ${back}`);
    case "gone":
      return fail("the terminal was closed elsewhere");
    case "login_ended":
      output.error(
        new CommandError(
          "failure",
          `the login of this command line at ${known.hub} was ended (${end.reason.replaceAll("_", " ")})`,
          `The terminal runs on. Log in again: leapmux login ${known.hub}`,
        ),
      );
      return refused;
    case "refused":
      output.error(
        new CommandError(
          "failure",
          end.reason === "device_not_trusted"
            ? `${worker.name} does not trust this device any more: it was revoked, or its approval has expired`
            : `${worker.name} was closed to this device: ${describeCloseReason(end.reason)}`,
          "The terminal runs on. `leapmux device` shows how this device stands.",
        ),
      );
      return refused;
  }
}

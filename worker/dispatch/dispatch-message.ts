import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { MessagePipe } from "@leapmux/shared/wire/message-pipe.ts";
import { type CallRouter, serveCalls } from "@leapmux/shared/wire/serve-calls.ts";
import type { Logger } from "pino";
import { type Caller, callerKey } from "./caller.ts";
import { checkScope } from "./method-needs.ts";

/**
 * Hands each message of a channel to the service that it is for. The pipe comes from peers and delivers
 * calls only after the claim was accepted; the services get the proven caller with every call, and a method
 * that the caller's grants do not cover is never started.
 */
export function makeDispatch(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly routes: (router: CallRouter) => void;
}): (pipe: MessagePipe, readCaller: () => Caller | null) => void {
  const { clock, logger, routes } = options;
  return (pipe, readCaller) => {
    serveCalls(pipe, {
      clock,
      routes,
      contextValues: () => createContextValues().set(callerKey, readCaller()),
      admit(method, values) {
        const caller = values.get(callerKey);
        if (!caller) return new ConnectError("user ID not verified", Code.Unauthenticated);
        return checkScope(method, caller.scope);
      },
      onHandlerError: (error, method) => {
        // The name of the error's class only: its message may hold a path of the user.
        const kind = error instanceof Error ? error.name : typeof error;
        const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
        logger.error({ method: method.name, kind, code }, "a handler failed");
      },
    });
  };
}

import { createContextValues } from "@connectrpc/connect";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { MessagePipe } from "@leapmux/shared/wire/message-pipe.ts";
import { type CallRouter, serveCalls } from "@leapmux/shared/wire/serve-calls.ts";
import type { Logger } from "pino";
import { callerKey } from "./caller.ts";

/**
 * Hands each message of a channel to the service that it is for. The pipe comes from peers and delivers
 * calls only after the claim was accepted; the services get the claimed user with every call.
 */
export function makeDispatch(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly routes: (router: CallRouter) => void;
}): (pipe: MessagePipe, userId: string) => void {
  const { clock, logger, routes } = options;
  return (pipe, userId) => {
    serveCalls(pipe, {
      clock,
      routes,
      contextValues: () => createContextValues().set(callerKey, userId),
      onHandlerError: (error, method) => {
        // The name of the error's class only: its message may hold a path of the user.
        const kind = error instanceof Error ? error.name : typeof error;
        const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
        logger.error({ method: method.name, kind, code }, "a handler failed");
      },
    });
  };
}

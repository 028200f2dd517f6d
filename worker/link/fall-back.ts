import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { makeReplayedInput } from "./replayed-input.ts";

export type LinkKind = "grpc" | "websocket";

/**
 * Two ways to one hub: the one that worked last, and where it brings nothing, the other. A way works once
 * the first message comes back over it. What the hub itself says, refusals above all, is its word over
 * either way and no reason to try again; nor is a hub that cannot be reached at all.
 */
export function makeFallBackTransport(options: {
  readonly ways: Readonly<Record<LinkKind, Transport>>;
  readonly first: LinkKind;
  /** A way worked that is another than the last that did. */
  readonly onWorked: (kind: LinkKind) => void;
  readonly clock: Clock;
  /** Something between may swallow what it does not understand. */
  readonly silentMs: number;
}): Transport {
  const { ways, onWorked, clock, silentMs } = options;
  let preferred = options.first;

  function order(): readonly [LinkKind, LinkKind] {
    return preferred === "grpc" ? ["grpc", "websocket"] : ["websocket", "grpc"];
  }

  function worked(kind: LinkKind): void {
    if (kind === preferred) return;
    preferred = kind;
    onWorked(kind);
  }

  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const [first, second] = order();
      const call = async (kind: LinkKind) => {
        const way = ways[kind];
        const response = await way.unary(method, signal, timeoutMs, header, input, contextValues);
        worked(kind);
        return response;
      };
      try {
        return await call(first);
      } catch (error) {
        if (!isWorthTheOther(error, signal)) throw error;
        return await call(second);
      }
    },

    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const replayed = makeReplayedInput(input);
      const begin = async (kind: LinkKind, isLast: boolean) => {
        const attempt = new AbortController();
        const abort = (): void => attempt.abort();
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted === true) abort();
        const cancel = isLast ? () => undefined : clock.after(silentMs, abort);
        try {
          const response = await ways[kind].stream(
            method,
            attempt.signal,
            timeoutMs,
            header,
            replayed.attempt(),
            contextValues,
          );
          const messages = response.message[Symbol.asyncIterator]();
          const firstMessage = await messages.next();
          if (firstMessage.done === true) throw new ConnectError("nothing came", Code.Unavailable);
          worked(kind);
          replayed.settle();
          return { ...response, message: prepend(firstMessage.value, messages) };
        } catch (error) {
          abort();
          throw error;
        } finally {
          cancel();
        }
      };
      const [first, second] = order();
      try {
        return await begin(first, false);
      } catch (error) {
        if (!isWorthTheOther(error, signal)) throw error;
        return await begin(second, true);
      }
    },
  };
}

async function* prepend<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield first;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

const unreachable: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

function isWorthTheOther(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted === true || readErrorReason(error) !== undefined) return false;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && unreachable.has(cause.code)) return false;
  }
  return true;
}

import { Code, ConnectError, type Transport } from "@connectrpc/connect";

/**
 * A Connect transport that exists before the channel does: calls wait for it, at most until their
 * own deadline or abort, and then run on whatever channel is open at that moment. The deadline
 * covers the wait and the call together.
 */
export function makeWaitingTransport(
  /** Resolves with the open channel's transport; rejects when there will be none. */
  whenOpen: (signal: AbortSignal) => Promise<Transport>,
  nowMs: () => number = () => performance.now(),
): Transport {
  async function wait(
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): Promise<{ transport: Transport; leftMs: number | undefined }> {
    const startedMs = nowMs();
    const bounds: AbortSignal[] = [];
    if (signal) bounds.push(signal);
    if (timeoutMs !== undefined && timeoutMs > 0) bounds.push(AbortSignal.timeout(timeoutMs));
    const bound = bounds.length === 1 ? bounds[0]! : AbortSignal.any(bounds);
    const transport = await untilAborted(whenOpen(bound), bound);
    if (timeoutMs === undefined || timeoutMs <= 0) return { transport, leftMs: timeoutMs };
    return { transport, leftMs: Math.max(1, timeoutMs - (nowMs() - startedMs)) };
  }

  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const { transport, leftMs } = await wait(signal, timeoutMs);
      return transport.unary(method, signal, leftMs, header, input, contextValues);
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const { transport, leftMs } = await wait(signal, timeoutMs);
      return transport.stream(method, signal, leftMs, header, input, contextValues);
    },
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(explainAbort(signal));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function explainAbort(signal: AbortSignal): ConnectError {
  const reason: unknown = signal.reason;
  if (reason instanceof ConnectError) return reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    return new ConnectError("the worker's channel did not open in time", Code.DeadlineExceeded);
  }
  return new ConnectError("the call was cancelled", Code.Canceled);
}

import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { describe, expect, it } from "vitest";
import { makeWaitingTransport } from "./waiting-transport.ts";

const seenTimeouts: (number | undefined)[] = [];
const open = createRouterTransport((router) => {
  router.service(WorkerInfoService, {
    getWorkerInfo(_request, context) {
      seenTimeouts.push(context.timeoutMs());
      return { hostName: "h" };
    },
  });
});
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => ConnectError.from(error).code,
  );

describe("makeWaitingTransport", () => {
  it("waits for the channel and leaves the call what is left of its time", async () => {
    let nowMs = 0;
    const opened = Promise.withResolvers<typeof open>();
    const client = createClient(
      WorkerInfoService,
      makeWaitingTransport(
        () => opened.promise,
        () => nowMs,
      ),
    );
    const call = client.getWorkerInfo({}, { timeoutMs: 60_000 });
    nowMs = 40_000;
    opened.resolve(open);
    expect((await call).hostName).toBe("h");
    expect(seenTimeouts.at(-1)).toBeLessThanOrEqual(20_000);
  });

  it("ends a wait with its abort, and says why there will be no channel", async () => {
    const never = makeWaitingTransport(() => new Promise(() => {}));
    const abort = new AbortController();
    const call = createClient(WorkerInfoService, never).getWorkerInfo({}, { signal: abort.signal });
    abort.abort();
    expect(await codeOf(call)).toBe(Code.Canceled);
    const refused = makeWaitingTransport(() =>
      Promise.reject(new ConnectError("refused", Code.PermissionDenied)),
    );
    expect(await codeOf(createClient(WorkerInfoService, refused).getWorkerInfo({}))).toBe(
      Code.PermissionDenied,
    );
  });

  it("ends a wait at its deadline", async () => {
    const never = makeWaitingTransport(() => new Promise(() => {}));
    const call = createClient(WorkerInfoService, never).getWorkerInfo({}, { timeoutMs: 1 });
    expect(await codeOf(call)).toBe(Code.DeadlineExceeded);
  });
});

import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { rekeyAgeMs } from "../limits/limits.ts";
import { readErrorReason } from "../wire/error-reason.ts";
import { bytes, failureOf, makeEcho, readAll, turn, userKey } from "./test-echo.ts";

describe("the four kinds of calls", () => {
  test("unary, with headers, trailers and context values", async () => {
    const { client } = await makeEcho({
      echo(request, context) {
        context.responseHeader.set("x-answer", context.requestHeader.get("x-question") ?? "");
        context.responseTrailer.set("x-user", context.values.get(userKey));
        return { offset: request.offset + 1n, data: request.data };
      },
    });
    let header: Headers | undefined;
    let trailer: Headers | undefined;
    const response = await client.echo(
      { offset: 41n, data: bytes(100_000) },
      {
        headers: { "x-question": "6 × 7".replace("×", "x") },
        onHeader: (headers) => (header = headers),
        onTrailer: (trailers) => (trailer = trailers),
      },
    );
    expect(response.offset).toBe(42n);
    expect(response.data).toEqual(bytes(100_000));
    expect(header?.get("x-answer")).toBe("6 x 7");
    expect(trailer?.get("x-user")).toBe("user");
  });

  test("server streaming ends where the handler ends", async () => {
    const { client } = await makeEcho({
      async *repeat(request) {
        for (let i = 0n; i < request.offset; i += 1n) yield { offset: i };
      },
    });
    const responses = await readAll(client.repeat({ offset: 5n }));
    expect(responses.map((response) => response.offset)).toEqual([0n, 1n, 2n, 3n, 4n]);
  });

  test("client streaming", async () => {
    const { client } = await makeEcho({
      async collect(requests) {
        let offset = 0n;
        for await (const request of requests) offset += request.offset;
        return { offset };
      },
    });
    async function* count() {
      for (let offset = 1n; offset <= 100n; offset += 1n) yield { offset };
    }
    expect((await client.collect(count())).offset).toBe(5050n);
  });

  test("both ways, answering while requests go on", async () => {
    const { client } = await makeEcho({
      async *chat(requests) {
        for await (const request of requests) yield { offset: request.offset * 2n };
      },
    });
    let ask: (offset: bigint | null) => void = () => undefined;
    async function* questions() {
      for (;;) {
        const offset = await new Promise<bigint | null>((resolve) => (ask = resolve));
        if (offset === null) return;
        yield { offset };
      }
    }
    const answers = client.chat(questions())[Symbol.asyncIterator]();
    for (const offset of [1n, 21n, 300n]) {
      const next = answers.next();
      await turn();
      ask(offset);
      expect((await next).value?.offset).toBe(offset * 2n);
    }
    const last = answers.next();
    await turn();
    ask(null);
    expect(await last).toMatchObject({ done: true });
  });

  test("many calls at once keep apart", async () => {
    const { client } = await makeEcho({ echo: async (request) => ({ offset: request.offset }) });
    const offsets = Array.from({ length: 200 }, (_, i) => BigInt(i));
    const responses = await Promise.all(offsets.map((offset) => client.echo({ offset })));
    expect(responses.map((response) => response.offset)).toEqual(offsets);
  });
});

test("an open stream survives rekeys in the middle", async () => {
  const { client, channel } = await makeEcho({
    async *repeat() {
      for (let offset = 0n; offset < 300n; offset += 1n) yield { offset, data: bytes(20_000) };
    },
    echo: (request) => ({ offset: request.offset }),
  });
  await channel.initiator.opened;
  const offsets: bigint[] = [];
  for await (const response of client.repeat({})) {
    offsets.push(response.offset);
    if (response.offset % 100n !== 50n) continue;
    channel.clock.advance(rekeyAgeMs);
    expect((await client.echo({ offset: 7n })).offset).toBe(7n);
  }
  expect(offsets).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(i)));
  expect(channel.initiator.status().rekeyCount).toBe(3);
});

describe("how calls end", () => {
  test("a handler's ConnectError arrives with code, message, metadata and reason", async () => {
    const { client, handlerErrors } = await makeEcho({
      echo() {
        throw new ConnectError("no such terminal", Code.NotFound, {
          "leapmux-reason": "terminal_closed",
          "x-more": "1",
        });
      },
    });
    const error = await failureOf(client.echo({}));
    expect(error.code).toBe(Code.NotFound);
    expect(error.rawMessage).toBe("no such terminal");
    expect(error.metadata.get("x-more")).toBe("1");
    expect(readErrorReason(error)).toBe("terminal_closed");
    expect(handlerErrors).toEqual([]);
  });

  test("what else a handler throws says only that it was internal", async () => {
    const thrown = new Error("/home/somebody/secret");
    const { client, handlerErrors } = await makeEcho({
      echo() {
        throw thrown;
      },
    });
    const error = await failureOf(client.echo({}));
    expect(error.code).toBe(Code.Internal);
    expect(error.message).not.toContain("secret");
    expect(handlerErrors).toEqual([thrown]);
  });

  test("a stream delivers what came before its error", async () => {
    const { client } = await makeEcho({
      async *repeat() {
        yield { offset: 1n };
        yield { offset: 2n };
        throw new ConnectError("enough", Code.Aborted);
      },
    });
    const seen: bigint[] = [];
    const error = await failureOf(
      (async () => {
        for await (const response of client.repeat({})) seen.push(response.offset);
      })(),
    );
    expect(seen).toEqual([1n, 2n]);
    expect(error.code).toBe(Code.Aborted);
  });

  test("methods without implementation are unimplemented", async () => {
    const { client, channel } = await makeEcho({});
    expect((await failureOf(client.echo({}))).code).toBe(Code.Unimplemented);
    expect(channel.closed.client).toBeNull();
  });

  test("a closing channel is an error to every reader, never an end", async () => {
    let signal: AbortSignal | undefined;
    const { client, channel } = await makeEcho({
      async *repeat(_request, context) {
        signal = context.signal;
        yield { offset: 1n };
        await new Promise(() => undefined);
      },
    });
    const stream = client.repeat({})[Symbol.asyncIterator]();
    expect((await stream.next()).value?.offset).toBe(1n);
    const next = failureOf(stream.next());
    channel.responder.close("going_away");
    const error = await next;
    expect(error.code).toBe(Code.Unavailable);
    expect(readErrorReason(error)).toBe("going_away");
    expect(signal?.aborted).toBe(true);
    expect(readErrorReason(await failureOf(client.echo({})))).toBe("going_away");
  });

  test("cancelling stops the handler and frees its source", async () => {
    let cleaned = 0;
    let context: HandlerContext | undefined;
    const { client, channel } = await makeEcho({
      async *repeat(_request, handlerContext) {
        context = handlerContext;
        try {
          for (;;) {
            yield { data: bytes(60_000) };
          }
        } finally {
          cleaned += 1;
        }
      },
    });
    const controller = new AbortController();
    const stream = client.repeat({}, { signal: controller.signal })[Symbol.asyncIterator]();
    await stream.next();
    controller.abort();
    expect((await failureOf(stream.next())).code).toBe(Code.Canceled);
    await turn();
    expect(cleaned).toBe(1);
    expect(context?.signal.aborted).toBe(true);
    expect(channel.closed).toEqual({ client: null, worker: null });
  });

  test("a call that is cancelled already is never sent", async () => {
    let calls = 0;
    const { client } = await makeEcho({
      echo() {
        calls += 1;
        return {};
      },
    });
    const error = await failureOf(client.echo({}, { signal: AbortSignal.abort() }));
    await turn();
    expect(error.code).toBe(Code.Canceled);
    expect(calls).toBe(0);
  });

  test("the deadline ends both sides, and what comes late is nothing", async () => {
    let context: HandlerContext | undefined;
    let answer: (value: object) => void = () => undefined;
    const { client, channel } = await makeEcho({
      echo(_request, handlerContext) {
        context = handlerContext;
        return new Promise((resolve) => (answer = resolve));
      },
    });
    const error = failureOf(client.echo({}, { timeoutMs: 5_000 }));
    await turn();
    channel.clock.advance(4_999);
    expect(context?.signal.aborted).toBe(false);
    expect(context?.timeoutMs()).toBe(1);
    channel.clock.advance(1);
    expect((await error).code).toBe(Code.DeadlineExceeded);
    expect(context?.signal.aborted).toBe(true);
    answer({});
    await turn();
    expect(channel.closed).toEqual({ client: null, worker: null });
    // Nothing of the call is left: only the key-age timers of both ends and the rekey timer.
    expect(channel.clock.waiting).toBe(3);
  });

  test("the worker enforces the deadline without the client", async () => {
    let signal: AbortSignal | undefined;
    const { client, channel } = await makeEcho(
      {
        echo(_request, context) {
          signal = context.signal;
          return new Promise(() => undefined);
        },
      },
      { auto: false },
    );
    channel.settle();
    client.echo({}, { timeoutMs: 1_000 }).catch(() => undefined);
    channel.settle();
    await turn();
    // From here on nothing of the client arrives.
    channel.clock.advance(1_000);
    expect(signal?.reason).toMatchObject({ code: Code.DeadlineExceeded });
  });

  test("a client whose request stream throws cancels the call", async () => {
    let failed: unknown;
    const { client } = await makeEcho({
      async collect(requests) {
        try {
          for await (const request of requests) void request;
        } catch (error) {
          failed = error;
        }
        return {};
      },
    });
    async function* broken() {
      yield { offset: 1n };
      throw new Error("disk gone");
    }
    expect((await failureOf(client.collect(broken()))).rawMessage).toBe("disk gone");
    await turn();
    expect(failed).toMatchObject({ code: Code.Canceled });
  });
});

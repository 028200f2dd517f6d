import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { leastMaxMessageBytes, maxOpenCalls, startCreditBytes } from "../limits/limits.ts";
import { readErrorReason } from "../wire/error-reason.ts";
import { bytes, failureOf, makeEcho, readAll, turn } from "./test-echo.ts";

describe("limits of calls", () => {
  test("a message over the limit fails its call and nothing else", async () => {
    const { client, channel } = await makeEcho(
      {
        echo: (request) => ({ data: bytes(Number(request.offset)) }),
        async collect(requests) {
          for await (const request of requests) void request;
          return {};
        },
      },
      {
        initiator: { maxMessageBytes: leastMaxMessageBytes },
        responder: { maxMessageBytes: leastMaxMessageBytes },
      },
    );
    const tooLarge = { code: Code.ResourceExhausted, rawMessage: "message too large" };
    const request = await failureOf(client.echo({ data: bytes(leastMaxMessageBytes) }));
    expect(request).toMatchObject(tooLarge);
    expect(readErrorReason(request)).toBe("message_too_large");
    const response = await failureOf(client.echo({ offset: BigInt(leastMaxMessageBytes) }));
    expect(response).toMatchObject(tooLarge);
    async function* large() {
      yield { data: bytes(leastMaxMessageBytes) };
    }
    expect(await failureOf(client.collect(large()))).toMatchObject(tooLarge);
    // 6 bytes around `data`: message tag and length, field tag and length.
    const fits = leastMaxMessageBytes - 10;
    expect((await client.echo({ offset: BigInt(fits) })).data.length).toBe(fits);
    expect(channel.closed.client).toBeNull();
  });

  test("20 MiB in one request are refused, 15 MiB go through", async () => {
    const { client } = await makeEcho({
      echo: (request) => ({ offset: BigInt(request.data.length) }),
    });
    const mib = 1024 * 1024;
    const error = await failureOf(client.echo({ data: bytes(20 * mib) }));
    expect(readErrorReason(error)).toBe("message_too_large");
    expect((await client.echo({ data: bytes(15 * mib) })).offset).toBe(BigInt(15 * mib));
  });

  test("one call too many is refused on either side", async () => {
    const { client, channel } = await makeEcho({
      echo: () => new Promise(() => undefined),
    });
    for (let i = 0; i < maxOpenCalls; i += 1) client.echo({}).catch(() => undefined);
    expect((await failureOf(client.echo({}))).code).toBe(Code.ResourceExhausted);
    channel.initiator.close("closed");
    // The worker counts handlers that run, also those whose calls were cancelled.
    const other = await makeEcho({ echo: () => new Promise(() => undefined) });
    for (let i = 0; i < maxOpenCalls; i += 1) {
      const controller = new AbortController();
      other.client.echo({}, { signal: controller.signal }).catch(() => undefined);
      await turn(10);
      controller.abort();
    }
    const error = await failureOf(other.client.echo({}));
    expect(error).toMatchObject({
      code: Code.ResourceExhausted,
      rawMessage: "too many calls open",
    });
    expect(other.channel.closed.worker).toBeNull();
  });
});

describe("credit", () => {
  test("a slow reader stops the handler at its source", async () => {
    let pulls = 0;
    const { client, channel } = await makeEcho({
      async *repeat() {
        for (;;) {
          pulls += 1;
          yield { data: bytes(32 * 1024) };
        }
      },
    });
    await channel.initiator.opened;
    const stream = client.repeat({})[Symbol.asyncIterator]();
    await stream.next();
    await turn(2_000);
    // 256 KiB of 32 KiB messages and their overhead: the eighth leaves no credit.
    const atRest = pulls;
    expect(atRest).toBeLessThanOrEqual(startCreditBytes / (32 * 1024) + 1);
    await turn(2_000);
    expect(pulls).toBe(atRest);
    for (let i = 0; i < 100; i += 1) {
      await stream.next();
      await turn(200);
    }
    expect(pulls).toBeGreaterThan(100);
    expect(pulls).toBeLessThanOrEqual(atRest + 101);
  });

  test("a slow handler stops the client's source", async () => {
    let read: () => void = () => undefined;
    const { client } = await makeEcho({
      async collect(requests) {
        let count = 0n;
        for await (const request of requests) {
          count += BigInt(request.data.length);
          await new Promise<void>((resolve) => (read = resolve));
        }
        return { offset: count };
      },
    });
    let pulls = 0;
    async function* source() {
      for (; pulls < 40; pulls += 1) yield { data: bytes(32 * 1024) };
    }
    const result = client.collect(source());
    await turn(2_000);
    const atRest = pulls;
    expect(atRest).toBeLessThanOrEqual(startCreditBytes / (32 * 1024) + 1);
    for (let i = 0; i < 40; i += 1) {
      read();
      await turn(200);
    }
    expect((await result).offset).toBe(BigInt(40 * 32 * 1024));
  });

  test("one message larger than the whole window passes", async () => {
    const { client } = await makeEcho({
      async *repeat() {
        for (let i = 0; i < 3; i += 1) yield { data: bytes(4 * startCreditBytes, i) };
      },
    });
    const responses = await readAll(client.repeat({}));
    expect(responses.map((response) => response.data.length)).toEqual(
      Array.from({ length: 3 }, () => 4 * startCreditBytes),
    );
  });
});

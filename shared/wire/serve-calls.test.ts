import { describe, expect, test } from "vitest";
import type { CloseReason } from "../errors/close-reason.ts";
import { messageOverheadBytes, startCreditBytes } from "../limits/limits.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeMessage, type MessageBody, type MessageBodyInit } from "./encode-message.ts";
import type { MessageBytes, MessagePipe } from "./message-pipe.ts";
import { serveCalls } from "./serve-calls.ts";
import { EchoService } from "./test-echo-service.ts";

/** A pipe whose other side is the test. */
function makePipe() {
  let receive: (id: bigint, message: MessageBytes) => void = () => undefined;
  const listeners: ((reason: CloseReason) => void)[] = [];
  const sent: { id: bigint; body: MessageBody }[] = [];
  let closed: CloseReason | null = null;
  const pipe: MessagePipe = {
    send(id, message) {
      const decoded = decodeMessage(message);
      if (!decoded.ok) throw new Error(decoded.reason);
      sent.push({ id, body: decoded.body });
    },
    onMessage: (receiver) => (receive = receiver),
    onClose: (listener) => listeners.push(listener),
    close(reason) {
      closed ??= reason;
      for (const listener of listeners.splice(0)) listener(reason);
    },
  };
  return {
    pipe,
    sent,
    say: (id: bigint, body: MessageBodyInit) => receive(id, encodeMessage(body)),
    sayBytes: (id: bigint, bytes: Uint8Array) => receive(id, bytes as MessageBytes),
    closed: () => closed,
  };
}

function serve() {
  const executed: string[] = [];
  const other = makePipe();
  const server = serveCalls(other.pipe, {
    clock: makeManualClock(),
    routes: (router) =>
      router.service(EchoService, {
        echo(request) {
          executed.push(`echo ${request.offset}`);
          return {};
        },
        async collect(requests) {
          executed.push("collect");
          for await (const request of requests) executed.push(`request ${request.offset}`);
          return {};
        },
        async *repeat(_request, context) {
          executed.push("repeat");
          yield {};
          await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
          executed.push("aborted");
        },
      }),
  });
  return { ...other, server, executed };
}

const start = (method: string, halfClose = true, data: Uint8Array | null = new Uint8Array(0)) => {
  const value = { method: `leapmux.test.EchoService/${method}`, halfClose };
  return { case: "callStart", value: data ? { ...value, data: data.slice() } : value } as const;
};

async function turn(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
}

describe("violations close the channel and execute nothing", () => {
  const cases: [string, (s: ReturnType<typeof serve>) => void][] = [
    [
      "data for a call that never was",
      (s) => s.say(1n, { case: "data", value: new Uint8Array(1) }),
    ],
    ["a cancel for a call that never was", (s) => s.say(9n, { case: "callCancel", value: {} })],
    ["a message of the channel itself", (s) => s.say(1n, { case: "ping", value: {} })],
    ["a message of a worker", (s) => s.say(1n, { case: "responseHeaders", value: {} })],
    ["bytes that are no message", (s) => s.sayBytes(1n, Uint8Array.of(0xff, 0xff))],
    ["no bytes", (s) => s.sayBytes(1n, new Uint8Array(0))],
  ];
  test.each(cases)("%s", async (_name, act) => {
    const served = serve();
    act(served);
    expect(served.closed()).toBe("protocol_violation");
    served.say(20n, start("Echo"));
    await turn();
    expect(served.executed).toEqual([]);
  });

  const within: [string, (s: ReturnType<typeof serve>) => void][] = [
    ["a second start", (s) => s.say(5n, start("Collect"))],
    ["a start with a lower id", (s) => s.say(4n, start("Echo"))],
    [
      "a grant of credit that was never spent",
      (s) => s.say(5n, { case: "credit", value: { bytes: 1 } }),
    ],
    [
      "data after the end of requests",
      (s) => {
        s.say(5n, { case: "callEnd", value: {} });
        s.say(5n, { case: "data", value: new Uint8Array(0) });
      },
    ],
    [
      "two ends of requests",
      (s) => {
        s.say(5n, { case: "callEnd", value: {} });
        s.say(5n, { case: "callEnd", value: {} });
      },
    ],
    [
      "more than one message beyond the credit",
      (s) => {
        // The handler waits for the first, the second takes all credit, the third has none.
        const value = new Uint8Array(startCreditBytes - messageOverheadBytes);
        for (let i = 0; i < 2; i += 1) s.say(5n, { case: "data", value: dataField(value) });
        expect(s.closed()).toBeNull();
        s.say(5n, { case: "data", value: new Uint8Array(0) });
      },
    ],
  ];
  /** A request whose whole size is that of `value`, in a field that Input does not know. */
  function dataField(value: Uint8Array): Uint8Array<ArrayBuffer> {
    const head = [0x9a, 0x06, 0x80, 0x80, 0x80, 0x00];
    const length = value.length - head.length;
    head[2] = 0x80 | (length & 0x7f);
    head[3] = 0x80 | ((length >> 7) & 0x7f);
    head[4] = 0x80 | ((length >> 14) & 0x7f);
    const bytes = new Uint8Array(value.length);
    bytes.set(head);
    return bytes;
  }
  test.each(within)("%s", (_name, act) => {
    const served = serve();
    served.say(5n, start("Collect", false, null));
    act(served);
    expect(served.closed()).toBe("protocol_violation");
  });
});

describe("what comes late is nothing", () => {
  test("after the end, after a cancel, after a refusal", async () => {
    const served = serve();
    served.say(1n, start("Echo"));
    served.say(2n, start("Repeat"));
    served.say(3n, start("Nothing"));
    await turn();
    served.say(2n, { case: "callCancel", value: {} });
    await turn();
    const before = served.sent.length;
    for (const id of [1n, 2n, 3n]) {
      served.say(id, { case: "data", value: new Uint8Array(3) });
      served.say(id, { case: "credit", value: { bytes: 100 } });
      served.say(id, { case: "callEnd", value: {} });
      served.say(id, { case: "callCancel", value: {} });
    }
    await turn();
    expect(served.closed()).toBeNull();
    expect(served.sent).toHaveLength(before);
    expect(served.executed).toEqual(["echo 0", "repeat", "aborted"]);
  });
});

describe("calls that are refused by themselves", () => {
  const cases = [
    ["an unknown method", start("Nothing"), 12],
    ["a request that is malformed", start("Echo", true, Uint8Array.of(0xff)), 3],
    ["no request", start("Echo", true, null), 12],
  ] as const;
  test.each(cases)("%s", async (_name, body, code) => {
    const served = serve();
    served.say(1n, body);
    await turn();
    expect(served.sent).toMatchObject([{ id: 1n, body: { case: "callEnd", value: { code } } }]);
    expect(served.executed).toEqual([]);
    served.say(2n, start("Echo"));
    await turn();
    expect(served.executed).toEqual(["echo 0"]);
  });

  test("more than one request", async () => {
    const served = serve();
    served.say(1n, start("Echo", false));
    served.say(1n, { case: "data", value: new Uint8Array(0) });
    await turn();
    expect(served.sent).toMatchObject([{ body: { case: "callEnd", value: { code: 12 } } }]);
    expect(served.executed).toEqual([]);
  });
});

test("close aborts the handlers and answers no more", async () => {
  const served = serve();
  served.say(1n, start("Repeat"));
  await turn();
  served.server.close();
  await turn();
  expect(served.executed).toEqual(["repeat", "aborted"]);
  const before = served.sent.length;
  served.say(2n, start("Echo"));
  await turn();
  expect(served.sent).toHaveLength(before);
});

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import {
  RegisterResponseSchema,
  WorkerLinkDownSchema,
  WorkerLinkService,
  WorkerRegistrationService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { type LinkKind, makeFallBackTransport } from "./fall-back.ts";

/** Works, is lost without a word, says no by the hub's word, cannot reach the hub, or swallows everything. */
type Behaviour = "works" | "lost" | "refused" | "unreachable" | "silent";

const errors = {
  lost: () => new ConnectError("", Code.Internal),
  refused: () =>
    new ConnectError("", Code.Unauthenticated, undefined, [
      { desc: ErrorReasonSchema, value: { reason: "worker_token_refused" } },
    ]),
  unreachable: () =>
    new ConnectError("", Code.Unavailable, undefined, undefined, {
      ...new Error("connect"),
      code: "ECONNREFUSED",
    }),
};

function makeSystem(behaviours: Record<LinkKind, Behaviour>, first: LinkKind = "grpc") {
  const clock = makeManualClock();
  const tried: LinkKind[] = [];
  const worked: LinkKind[] = [];
  const sent: string[] = [];

  function makeWay(kind: LinkKind): Transport {
    const begin = async (signal?: AbortSignal): Promise<void> => {
      tried.push(kind);
      const behaviour = behaviours[kind];
      if (behaviour === "works") return;
      if (behaviour !== "silent") {
        const error = errors[behaviour]();
        if (behaviour === "unreachable") {
          error.cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
        }
        throw error;
      }
      await new Promise((_, reject) =>
        signal?.addEventListener("abort", () => reject(new ConnectError("", Code.Canceled))),
      );
    };
    return {
      async unary(method, signal) {
        await begin(signal);
        const message = create(method.output);
        Object.assign(message, create(RegisterResponseSchema, { workerToken: kind }));
        const headers = { header: new Headers(), trailer: new Headers() };
        return { stream: false, service: method.parent, method, message, ...headers };
      },
      async stream(method, signal, _timeoutMs, _header, input) {
        const item = await input[Symbol.asyncIterator]().next();
        sent.push(`${kind}:${JSON.stringify(item.value)}`);
        await begin(signal);
        async function* answer() {
          for (const value of [1, 2]) {
            const message = create(method.output);
            const body = { case: "goingAway", value: { retryAfterMs: value } } as const;
            yield Object.assign(message, create(WorkerLinkDownSchema, { body }));
          }
        }
        const headers = { header: new Headers(), trailer: new Headers() };
        return { stream: true, service: method.parent, method, message: answer(), ...headers };
      },
    };
  }

  const transport = makeFallBackTransport({
    ways: { grpc: makeWay("grpc"), websocket: makeWay("websocket") },
    first,
    onWorked: (kind) => void worked.push(kind),
    clock,
    silentMs: 5_000,
  });
  async function link(signal = new AbortController().signal): Promise<number> {
    const client = createClient(WorkerLinkService, transport);
    let count = 0;
    const up = (async function* () {
      yield { body: { case: "heartbeat" as const, value: {} } };
    })();
    for await (const _ of client.link(up, { signal })) count += 1;
    return count;
  }
  const register = async () =>
    (await createClient(WorkerRegistrationService, transport).register({})).workerToken;
  return { clock, tried, worked, sent, link, register, behaviours };
}

test("gRPC that works is all there is", async () => {
  const system = makeSystem({ grpc: "works", websocket: "works" });
  expect(await system.register()).toBe("grpc");
  expect(await system.link()).toBe(2);
  expect([system.tried, system.worked]).toEqual([["grpc", "grpc"], []]);
});

test("where gRPC is lost the other way is taken, with what was sent already, and kept", async () => {
  const system = makeSystem({ grpc: "lost", websocket: "works" });
  expect(await system.link()).toBe(2);
  expect(system.sent).toHaveLength(2);
  expect(system.sent[1]?.slice("websocket".length)).toBe(system.sent[0]?.slice("grpc".length));
  expect(await system.register()).toBe("websocket");
  expect(await system.link()).toBe(2);
  expect(system.tried).toEqual(["grpc", "websocket", "websocket", "websocket"]);
  expect(system.worked).toEqual(["websocket"]);
});

test("a way that was remembered and is lost gives way to gRPC again", async () => {
  const system = makeSystem({ grpc: "works", websocket: "lost" }, "websocket");
  expect(await system.link()).toBe(2);
  expect([system.tried, system.worked]).toEqual([["websocket", "grpc"], ["grpc"]]);
});

test.each(["refused", "unreachable"] as const)(
  "a hub that is %s is not asked another way",
  async (behaviour) => {
    const system = makeSystem({ grpc: behaviour, websocket: "works" });
    await expect(system.link()).rejects.toThrow();
    await expect(system.register()).rejects.toThrow();
    expect([system.tried, system.worked]).toEqual([["grpc", "grpc"], []]);
  },
);

test("a way that swallows everything is given up after a while", async () => {
  const system = makeSystem({ grpc: "silent", websocket: "works" });
  const linked = system.link();
  while (system.tried.length === 0) await Promise.resolve();
  system.clock.advance(4_999);
  expect(system.tried).toEqual(["grpc"]);
  system.clock.advance(1);
  expect(await linked).toBe(2);
  expect(system.worked).toEqual(["websocket"]);
});

test("whoever stops waiting is not served the other way", async () => {
  const system = makeSystem({ grpc: "silent", websocket: "works" });
  const stopping = new AbortController();
  const linked = system.link(stopping.signal);
  while (system.tried.length === 0) await Promise.resolve();
  stopping.abort();
  await expect(linked).rejects.toThrow();
  expect(system.tried).toEqual(["grpc"]);
});

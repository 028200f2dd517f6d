import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { WorkerLinkService, type WorkerLinkUp } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WorkerLinkDownSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { defaultWorkerLimits } from "../config/worker-limits.ts";
import { keepLink } from "./keep-link.ts";
import type { LinkSender } from "./send-frame.ts";

type Down = MessageInitShape<typeof WorkerLinkDownSchema>;
type Handler = (up: AsyncIterable<WorkerLinkUp>, dial: number) => AsyncGenerator<Down>;

const welcome: Down = {
  body: { case: "welcome", value: { protocolVersion: 1, maxMessageBytes: 1000 } },
};

function setUp(handle: Handler, answersOpenings = false) {
  const clock = makeManualClock();
  const seen: string[] = [];
  const reasons: string[] = [];
  const waiters: (() => void)[] = [];
  let dials = 0;
  let link: LinkSender | undefined;
  const transport = createRouterTransport((router) => {
    router.service(WorkerLinkService, {
      link(up, context) {
        expect(context.requestHeader.get("authorization")).toBe("Bearer token");
        expect(context.requestHeader.get("x-leapmux-worker-id")).toBe("wkr_1");
        dials += 1;
        return handle(up, dials);
      },
    });
  });
  const note = (text: string): void => {
    seen.push(text);
    for (const waiter of waiters.splice(0)) waiter();
  };
  const keeper = keepLink({
    client: createClient(WorkerLinkService, transport),
    workerId: "wkr_1",
    workerToken: () => "token",
    compositePublicKey: new Uint8Array(1664),
    mode: "post-quantum",
    maxMessageBytes: 2000,
    clock,
    random: nodeRandom,
    limits: defaultWorkerLimits,
    receiver: {
      welcome(sender, maxMessageBytes) {
        link = sender;
        note(`welcome ${maxMessageBytes}`);
      },
      receiveFrame: (frame) => note(`frame ${frame.channelId}`),
      openChannel({ channelId }) {
        note(`open ${channelId}`);
        const value = { channelId, message2: new Uint8Array(0), refusal: "rate_limited" };
        if (answersOpenings) link?.sendNow({ case: "openChannelAnswer", value });
      },
      pairingAnswer: () => undefined,
      deviceRevocations: () => undefined,
      deregister: () => Promise.resolve(true),
      goingAway: (retryAfterMs) => note(`going away ${retryAfterMs}`),
    },
    onState(state, end) {
      if (end?.kind === "refused") reasons.push(end.reason);
      note(end ? `${state} ${end.code}` : state);
    },
    onRefused: () => Promise.resolve(),
    onDown: () => note("down"),
  });
  return {
    clock,
    keeper,
    seen,
    reasons,
    dials: () => dials,
    async until(state: string) {
      while (!seen.includes(state)) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}

test("hello first, then what comes is handed on in order", async () => {
  const hellos: unknown[] = [];
  const { keeper, seen, until } = setUp(async function* (up) {
    const reader = up[Symbol.asyncIterator]();
    hellos.push((await reader.next()).value?.body);
    yield welcome;
    yield { body: { case: "frames", value: { frames: [{ channelId: "a" }, { channelId: "b" }] } } };
    yield { body: { case: "openChannel", value: { channelId: "c" } } };
    await reader.next();
  });
  keeper.start();
  await until("open c");
  await keeper.stop();
  expect(hellos).toMatchObject([
    { case: "hello", value: { protocolVersions: [1], maxMessageBytes: 2000 } },
  ]);
  expect(seen).toEqual([
    "connecting",
    "welcome 1000",
    "online",
    "frame a",
    "frame b",
    "open c",
    "down",
    "stopped",
  ]);
});

test("a lost link is dialled again after 1 s, then 2 s, each ±20 %", async () => {
  const { clock, keeper, seen, until, dials } = setUp(async function* (_up, dial) {
    if (dial < 3) throw new ConnectError("no", Code.Unavailable);
    yield welcome;
    await new Promise(() => undefined);
  });
  keeper.start();
  await until("waiting Unavailable");
  clock.advance(799);
  expect(dials()).toBe(1);
  seen.length = 0;
  clock.advance(401);
  await until("waiting Unavailable");
  seen.length = 0;
  clock.advance(1_599);
  expect(dials()).toBe(2);
  clock.advance(801);
  await until("online");
  expect(keeper.state()).toBe("online");
  await keeper.stop();
});

test("a hub that knows no such worker is not asked again", async () => {
  const { clock, keeper, until, dials } = setUp(async function* (_up, dial) {
    const details = [{ desc: ErrorReasonSchema, value: { reason: "worker_token_refused" } }];
    if (dial > 0) throw new ConnectError("who are you", Code.Unauthenticated, undefined, details);
    yield welcome;
  });
  keeper.start();
  await until("refused Unauthenticated");
  clock.advance(1_000_000);
  expect(dials()).toBe(1);
  expect(keeper.state()).toBe("refused");
  await keeper.stop();
});

test.each([Code.Unauthenticated, Code.PermissionDenied])(
  "whoever refuses without the hub's own reason is something between: tried again (%s)",
  async (code) => {
    const { clock, keeper, until, dials } = setUp(async function* (_up, dial) {
      if (dial === 1) throw new ConnectError("HTTP 403", code);
      yield welcome;
      await new Promise(() => undefined);
    });
    keeper.start();
    await until(`waiting ${Code[code]}`);
    clock.advance(1_200);
    await until("online");
    expect(dials()).toBe(2);
    await keeper.stop();
  },
);

test("a hub's reason is a word that we could know, or nothing: it is shown on terminals", async () => {
  for (const [said, taken, state] of [
    ["worker_token_refused", ["worker_token_refused"], "refused Unauthenticated"],
    ["\x1b]0;title\x07\x1b[2J", [], "waiting Unauthenticated"],
    ["a".repeat(65), [], "waiting Unauthenticated"],
  ] as const) {
    const { keeper, until, reasons } = setUp(async function* (_up, dial) {
      const details = [{ desc: ErrorReasonSchema, value: { reason: said } }];
      if (dial > 0) throw new ConnectError("no", Code.Unauthenticated, undefined, details);
      yield welcome;
    });
    keeper.start();
    await until(state);
    expect(reasons).toEqual(taken);
    await keeper.stop();
  }
});

test("a hub that asks without end and takes no answer is left", async () => {
  const { keeper, until } = setUp(async function* () {
    yield welcome;
    for (;;) yield { body: { case: "openChannel", value: { channelId: "c" } } } satisfies Down;
  }, true);
  keeper.start();
  await until("waiting protocol_violation");
  await keeper.stop();
});

test("a hub that goes away names the wait, and it is honoured once", async () => {
  const { clock, keeper, seen, until, dials } = setUp(async function* (_up, dial) {
    yield welcome;
    if (dial === 1) yield { body: { case: "goingAway", value: { retryAfterMs: 20_000 } } };
  });
  keeper.start();
  await until("waiting ended");
  seen.length = 0;
  clock.advance(19_999);
  expect(dials()).toBe(1);
  clock.advance(4_001);
  await until("waiting ended");
  seen.length = 0;
  clock.advance(1_200);
  await until("waiting ended");
  expect(dials()).toBe(3);
  await keeper.stop();
});

test("a hub that falls silent is given up after 10 s", async () => {
  const { clock, keeper, until } = setUp(async function* () {
    yield welcome;
    await new Promise(() => undefined);
  });
  keeper.start();
  await until("online");
  clock.advance(12_000);
  await until("waiting Canceled");
  await keeper.stop();
});

test("anything before the welcome ends the link", async () => {
  const { keeper, seen, until } = setUp(async function* () {
    yield { body: { case: "openChannel", value: { channelId: "c" } } } satisfies Down;
  });
  keeper.start();
  await until("waiting protocol_violation");
  expect(seen).not.toContain("open c");
  await keeper.stop();
});

/**
 * A million random and mutated inputs (or LEAPMUX_TEST_INPUTS) over everything that reads what comes from
 * outside. Each must give a declared result, without exception or hang; two readers must read the same.
 */
import { fromBinary, toBinary, create } from "@bufbuild/protobuf";
import { describe, expect, inject, test } from "vitest";
import { ClientLinkUpSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { FrameBatchSchema } from "@leapmux/proto/hub/v1/frame_pb.ts";
import { OpenChannelOrderSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { MessageSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { requireTitle } from "@leapmux/hub/rpc/check-request.ts";
import { makeSourceRules } from "@leapmux/hub/ops/check-request-source.ts";
import { decodeBatch } from "@leapmux/hub/relay/decode-batch.ts";
import { encodeBatch, encodeClientFrames } from "@leapmux/hub/relay/encode-batch.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { makeChunkOrderCheck } from "@leapmux/shared/envelope/check-chunk-order.ts";
import { decodeCloseFrame } from "@leapmux/shared/envelope/close-frame.ts";
import { makeTestChannel } from "@leapmux/shared/endpoint/test-channel.ts";
import { closeReasons, parseCloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { splitCompositeKey } from "@leapmux/shared/identity/composite-key.ts";
import {
  decodeWorkerSecrets,
  encodeWorkerSecrets,
  generateWorkerSecrets,
} from "@leapmux/shared/identity/worker-secrets.ts";
import { defaultMaxMessageBytes, maxCiphertextBytes } from "@leapmux/shared/limits/limits.ts";
import { answerHandshake } from "@leapmux/shared/noise/answer-handshake.ts";
import { encodePrologue } from "@leapmux/shared/noise/prologue.ts";
import { startHandshake } from "@leapmux/shared/noise/start-handshake.ts";
import { decodeMessage } from "@leapmux/shared/wire/decode-message.ts";
import { encodeMessage, type MessageBodyInit } from "@leapmux/shared/wire/encode-message.ts";
import type { MessageBytes } from "@leapmux/shared/wire/message-pipe.ts";
import { serveCalls } from "@leapmux/shared/wire/serve-calls.ts";
import { acceptInput } from "@leapmux/worker/terminal/accept-input.ts";
import { cleanTitle } from "@leapmux/worker/terminal/clean-title.ts";
import { checkOpening } from "@leapmux/worker/peers/check-opening.ts";
import { makeRandomInputs, type RandomInputs } from "../harness/random-inputs.ts";

const total = Number(process.env["LEAPMUX_TEST_INPUTS"] ?? 1_000_000);
const seed = inject("propertySeed");

/** Runs a share of the million; a failure names the input and how to get it again. */
function survive(share: number, name: string, once: (random: RandomInputs) => void): void {
  const count = Math.ceil(total * share);
  test(`${name} (${count} inputs)`, { timeout: 300_000 }, () => {
    const random = makeRandomInputs(seed);
    for (let index = 0; index < count; index += 1) {
      try {
        once(random);
      } catch (error) {
        throw new Error(`input ${index} with FC_SEED=${seed}`, { cause: error });
      }
    }
  });
}

/** The largest input that anything here looks at by length alone. */
const scratch = new Uint8Array(70_000);

const bytesOf = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7);

const bodies: readonly MessageBodyInit[] = [
  { case: "userIdClaim", value: { userId: "solo", grants: [bytesOf(9)], protocolVersions: [1] } },
  { case: "userIdAccepted", value: { protocolVersion: 1 } },
  { case: "ping", value: { nonce: 5n } },
  { case: "pong", value: { nonce: 5n } },
  { case: "rekeyRequest", value: { ePub: bytesOf(32), kemEk: bytesOf(1568) } },
  { case: "rekeyAck", value: { ePub: bytesOf(32), kemCt: bytesOf(1568) } },
  { case: "rekeyCommit", value: {} },
  { case: "rekeyRefused", value: { retryAfterMs: 1000 } },
  {
    case: "callStart",
    value: {
      method: "leapmux.sealed.v1.TerminalService/AttachTerminal",
      timeoutMs: 10,
      headers: [{ name: "a", value: "b" }],
      data: bytesOf(20),
    },
  },
  { case: "data", value: bytesOf(40) },
  { case: "callEnd", value: { code: 3, message: "no", reason: "x" } },
  { case: "callCancel", value: {} },
  { case: "credit", value: { bytes: 100 } },
];
const messages = bodies.map((body) => encodeMessage(body));

const frames = [
  { channelId: "AAAAAAAAAAAAAAAAAAAAAA", correlationId: 1n, flags: 0, ciphertext: bytesOf(40) },
  {
    channelId: "BBBBBBBBBBBBBBBBBBBBBB",
    correlationId: 2n ** 63n,
    flags: 1,
    ciphertext: bytesOf(200),
  },
  { channelId: "x", correlationId: 0n, flags: 2, ciphertext: new TextEncoder().encode("closed") },
];
const batches = [frames, frames.slice(0, 1), [], [...frames, ...frames]].map((some) =>
  toBinary(FrameBatchSchema, create(FrameBatchSchema, { frames: some })),
);

describe("inside the channel", () => {
  survive(0.2, "messages", (random) => {
    const input = random.below(4) === 0 ? random.bytes(64) : random.mutate(messages);
    const result = decodeMessage(input);
    if (!result.ok) {
      expect(result.reason).toBe("protocol_violation");
      return;
    }
    // What was understood means the same to the plain library.
    const { body } = fromBinary(MessageSchema, input);
    if (body.case !== result.body.case) throw new Error(`${body.case} is not ${result.body.case}`);
    const again = decodeMessage(encodeMessage(result.body));
    if (!again.ok || again.body.case !== result.body.case) throw new Error("not the same again");
  });

  survive(0.1, "calls", makeCallsTarget());

  test("frames at both ends", { timeout: 120_000 }, async () => {
    // Whatever the key does not open closes the channel, so each channel takes one input.
    const random = makeRandomInputs(seed);
    for (let index = 0; index < Math.ceil(total * 0.002); index += 1) {
      const channel = await makeTestChannel({ primitives: nativePrimitives, seed: index });
      channel.settle();
      expect(channel.closed).toEqual({ client: null, worker: null });
      const side = random.pick(["client", "worker"] as const);
      const end = side === "client" ? channel.initiator : channel.responder;
      end.acceptFrame({
        channelId: random.below(20) === 0 ? random.text(4) : "channel",
        correlationId: BigInt(random.below(4)),
        flags: random.below(5),
        ciphertext: random.bytes(100),
      });
      channel.settle();
      expect(closeReasons).toContain(channel.closed[side]);
    }
  });

  test("well-sealed nonsense at both ends", { timeout: 120_000 }, async () => {
    const random = makeRandomInputs(seed);
    for (let index = 0; index < Math.ceil(total * 0.01); index += 1) {
      const channel = await makeTestChannel({ primitives: nativePrimitives, seed: index });
      channel.settle();
      const [from, to] =
        random.below(2) === 0
          ? [channel.initiator, channel.responder]
          : [channel.responder, channel.initiator];
      serveCalls(to.pipe, { clock: channel.clock, routes: () => undefined });
      for (let more = 0; more < 5; more += 1) {
        const message = random.below(5) === 0 ? random.bytes(40) : random.mutate(messages);
        from.pipe.send(BigInt(random.below(4)), message as MessageBytes);
      }
      channel.settle();
      for (const reason of [channel.closed.client, channel.closed.worker]) {
        if (reason !== null) expect(closeReasons).toContain(reason);
      }
    }
  });
});

describe("at the hub", () => {
  survive(0.2, "batches of frames", (random) => {
    const input = random.below(5) === 0 ? random.bytes(80) : random.mutate(batches);
    const result = decodeBatch(input);
    if (!result.ok) {
      if (!["protocol_violation", "message_too_large"].includes(result.reason)) {
        throw new Error(result.reason);
      }
      return;
    }
    // Of a channel that cannot exist: such frames go nowhere.
    if (result.frames.some(({ channelId }) => !/^[\x20-\x7e]*$/.test(channelId))) return;
    // What leaves the hub says to everybody what the hub read.
    const left = fromBinary(FrameBatchSchema, encodeBatch(result.frames));
    const down = fromBinary(ClientLinkUpSchema, encodeClientFrames(result.frames));
    if (left.frames.length !== result.frames.length) throw new Error("frames lost");
    left.frames.forEach((frame, index) => {
      const read = result.frames[index];
      if (
        read === undefined ||
        read.channelId !== frame.channelId ||
        read.correlationId !== frame.correlationId ||
        read.flags !== frame.flags ||
        Buffer.compare(read.ciphertext, frame.ciphertext) !== 0
      ) {
        throw new Error(`the hub and its peers read frame ${index} differently`);
      }
    });
    if (result.frames.length > 0 && down.body.case !== "frames") throw new Error("not a batch");
  });

  const chunkLengths = [0, 1, 15, 16, 17, 1000, maxCiphertextBytes, maxCiphertextBytes + 1];
  survive(0.1, "orders of chunks", (random) => {
    const check = makeChunkOrderCheck({ maxMessageBytes: 65_536 + random.below(1000) });
    let refusal: string | undefined;
    for (let more = 1 + random.below(12); more > 0; more -= 1) {
      const result = check.accept({
        channelId: "c",
        correlationId: BigInt(random.below(3)),
        flags: random.below(20) === 0 ? random.below(1000) : random.below(3),
        ciphertext: scratch.subarray(0, random.pick(chunkLengths)),
      });
      if (refusal !== undefined && (result.ok || result.reason !== refusal)) {
        throw new Error("a refusal did not stay");
      }
      if (!result.ok) refusal = result.reason;
    }
  });

  const own = "127.0.0.1:4327";
  const rules = makeSourceRules({ listenHost: "127.0.0.1", port: 4327, trustedOrigins: [] });
  const hosts = [own, "localhost:4327", "[::1]:4327", "evil.example", "127.0.0.1"];
  const origins = [`http://${own}`, "http://localhost:4327", "null", "https://evil.example"];
  survive(0.15, "Host and Origin", (random) => {
    const host = random.below(10) === 0 ? undefined : random.mutateText(hosts);
    const origin = random.below(5) === 0 ? undefined : random.mutateText(origins);
    const result = rules.check(
      {
        host,
        origin,
        fetchSite:
          random.below(3) === 0 ? random.mutateText(["same-origin", "cross-site"]) : undefined,
        localAddress: "127.0.0.1",
        localPort: 4327,
      },
      random.pick(["page", "call", "link"] as const),
    );
    if (!result.ok) return;
    // An independent reading of what was let in.
    if (!hosts.slice(0, 3).includes(host?.toLowerCase() ?? "")) throw new Error(`let in: ${host}`);
    const expected = ["http://127.0.0.1:4327", "http://localhost:4327", "http://[::1]:4327"];
    if (origin !== undefined && !expected.includes(origin)) throw new Error(`let in: ${origin}`);
  });

  survive(0.05, "titles of workspaces", (random) => {
    const input = random.mutateText(["A title", "x".repeat(126), "日本語", "a\u0301"]);
    try {
      const title = requireTitle(input, "title");
      // oxlint-disable-next-line no-control-regex
      if (title.length === 0 || /[\u0000-\u001f\u202e]/.test(title)) throw new TypeError("taken");
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ConnectError") throw error;
    }
  });
});

describe("at the worker", () => {
  survive(0.1, "orders to open a channel", (random) => {
    const order = create(OpenChannelOrderSchema, {
      channelId: random.mutateText(["AAAAAAAAAAAAAAAAAAAAAA", ""]),
      userId: random.mutateText(["solo", "x".repeat(64)]),
      encryptionMode: random.below(4) as EncryptionMode,
      message1: scratch.subarray(0, random.pick([0, 47, 48, 49, 1615, 1616, 1617])),
    });
    const refusal = checkOpening(order, {
      mode: random.pick(["classic", "post-quantum"] as const),
      isOpen: () => false,
      channels: 0,
      channelsOfUser: () => 0,
      maxChannels: 4,
      maxChannelsPerUser: 4,
      takeRate: () => true,
    });
    if (refusal === null) {
      if (!/^[\w-]{22}$/.test(order.channelId)) throw new Error(`taken: ${order.channelId}`);
      if (![48, 1616].includes(order.message1.length)) throw new Error("taken: wrong size");
    } else if (!closeReasons.includes(refusal)) throw new Error(refusal);
  });

  survive(0.04, "places of input", (random) => {
    const accepted = random.below(1000);
    const offset = random.below(20) === 0 ? 2n ** 64n - 1n : BigInt(random.below(1200));
    const data = scratch.subarray(0, random.pick([0, 1, 100, 65_536, 65_537]));
    const result = acceptInput(accepted, offset, data);
    if (!result.ok) return;
    if (result.accepted < accepted || result.accepted - accepted !== result.data.length) {
      throw new Error("input counted wrongly");
    }
    if (offset > BigInt(accepted)) throw new Error("a gap was taken");
  });

  survive(0.02, "titles that programs set", (random) => {
    const title = cleanTitle(random.below(50) === 0 ? random.text(4000) : random.text(200));
    if ([...title].length > 128) throw new Error("too long");
  });

  test("keys that lie in a file", () => {
    const secrets = generateWorkerSecrets(nativePrimitives, (length) => bytesOf(length));
    const stored = encodeWorkerSecrets(secrets);
    expect(decodeWorkerSecrets(nativePrimitives, stored)).not.toBeNull();
    const random = makeRandomInputs(seed);
    const names = Object.keys(stored) as (keyof typeof stored)[];
    for (let index = 0; index < Math.ceil(total * 0.002); index += 1) {
      const name = random.pick(names);
      const changed = { ...stored, [name]: random.mutateText([stored[name]]) };
      const decoded = decodeWorkerSecrets(nativePrimitives, changed);
      // A seed is as good as any other; the public key belongs to it or is refused.
      if (decoded === null) continue;
      expect(encodeWorkerSecrets(decoded)).toEqual(changed);
    }
  });
});

describe("handshakes", () => {
  survive(0.02, "prologues, keys and reasons", (random) => {
    const prologue = encodePrologue(
      random.pick(["classic", "post-quantum"] as const),
      random.mutateText(["worker-1"]),
      random.mutateText(["AAAAAAAAAAAAAAAAAAAAAA"]),
    );
    if (prologue !== null && prologue.length > 16 + 2 * 65) throw new Error("too long");
    const reason = parseCloseReason(random.mutateText(closeReasons));
    if (!closeReasons.includes(reason)) throw new Error(reason);
    const ciphertext = random.bytes(100);
    const closed = decodeCloseFrame({ channelId: "c", correlationId: 0n, flags: 2, ciphertext });
    if (!closeReasons.includes(closed)) throw new Error(closed);
    if (splitCompositeKey(scratch.subarray(0, random.pick([0, 1663, 1665]))) !== null) {
      throw new Error("a key of the wrong length");
    }
  });

  test("messages 1 and 2", { timeout: 120_000 }, async () => {
    const random = makeRandomInputs(seed);
    const identity = generateWorkerSecrets(nativePrimitives, (length) => bytesOf(length));
    const signer = {
      publicKey: bytesOf(64),
      sign: () => Promise.resolve(bytesOf(49_856)),
    };
    for (let index = 0; index < Math.ceil(total * 0.003); index += 1) {
      const mode = random.pick(["classic", "post-quantum"] as const);
      const names = { mode, workerId: "worker", channelId: "AAAAAAAAAAAAAAAAAAAAAA" };
      const started = startHandshake({
        ...names,
        primitives: nativePrimitives,
        random: (length) => bytesOf(length),
        workerKey:
          random.below(4) === 0
            ? random.mutate([identity.compositePublicKey])
            : identity.compositePublicKey,
      });
      if (!started.ok) {
        expect(started.reason).toBe("handshake_failed");
        continue;
      }
      const message1 = random.mutate([started.message1]);
      const answered = await answerHandshake({
        ...names,
        primitives: nativePrimitives,
        random: (length) => bytesOf(length),
        signer,
        identity,
        message1,
      });
      if (!answered.ok) expect(answered.reason).toBe("handshake_failed");
      const message2 = answered.ok ? random.mutate([answered.message2]) : random.bytes(60_000);
      const finished = started.finish(message2);
      if (!finished.ok) expect(finished.reason).toBe("handshake_failed");
    }
  });
});

/** Calls over a pipe without keys: a new one whenever the last was closed. */
function makeCallsTarget(): (random: RandomInputs) => void {
  let receive: ((correlationId: bigint, message: MessageBytes) => void) | undefined;
  let closed = true;
  const clock = { now: () => 0, after: () => () => undefined };
  const openPipe = (): void => {
    closed = false;
    serveCalls(
      {
        maxMessageBytes: defaultMaxMessageBytes,
        send: () => undefined,
        onMessage: (receiver) => void (receive = receiver),
        onClose: () => undefined,
        close: (reason) => {
          if (!closeReasons.includes(reason)) throw new Error(reason);
          closed = true;
        },
      },
      {
        clock,
        routes: (router) =>
          router.service(TerminalService, {
            getTerminal: () => ({}),
            async *attachTerminal(requests) {
              for await (const request of requests) {
                if (request.body.case === undefined) yield {};
              }
            },
          }),
      },
    );
  };
  return (random) => {
    if (closed) openPipe();
    const message = random.below(6) === 0 ? random.bytes(40) : random.mutate(messages);
    receive?.(BigInt(random.below(1000)), message as MessageBytes);
  };
}

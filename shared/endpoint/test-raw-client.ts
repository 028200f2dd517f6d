/**
 * For tests: a client without manners. It holds the keys of the client's end and says what it likes, to a
 * real worker's end.
 */
import { makeCipherKey } from "../channel/cipher-key.ts";
import { makeMessageJoiner } from "../channel/join-message.ts";
import { makeFrameOpener } from "../channel/open-frame.ts";
import { makeFrameSealer } from "../channel/seal-frame.ts";
import { splitMessage } from "../channel/split-message.ts";
import { decodeCloseFrame } from "../envelope/close-frame.ts";
import { flagClose, type Frame } from "../envelope/frame.ts";
import { compositeKeyBytes, defaultMaxMessageBytes, protocolVersion } from "../limits/limits.ts";
import { noblePrimitives as primitives } from "../noise/noble-primitives.ts";
import { startHandshake } from "../noise/start-handshake.ts";
import { makeManualClock, type ManualClock } from "../platform/manual-clock.ts";
import { decodeMessage } from "../wire/decode-message.ts";
import { encodeMessage, type MessageBody, type MessageBodyInit } from "../wire/encode-message.ts";
import { acceptInitiator, type Responder, type ResponderOptions } from "./responder.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { unusedPair, unusedSigner } from "./test-channel.ts";

export type Received = MessageBody | { readonly close: string };

export interface RawClient {
  readonly clock: ManualClock;
  readonly responder: Responder;
  /** Says it and returns what came back at once. */
  exchange(correlationId: bigint, body: MessageBodyInit): Received[];
  /** Seals a chunk of any size with any flags. */
  sendChunk(correlationId: bigint, flags: number, chunk: Uint8Array): Received[];
  sendFrame(frame: Frame): Received[];
  claim(): Received[];
  /** What came since the last look. */
  received(): Received[];
}

export async function makeRawClient(options: Partial<ResponderOptions> = {}): Promise<RawClient> {
  const clock = makeManualClock();
  const random = makeTestRandom(2);
  const x25519PrivateKey = random(32);
  const workerKey = new Uint8Array(compositeKeyBytes);
  workerKey.set(primitives.x25519PublicKey(x25519PrivateKey));
  const ids = { mode: "classic", workerId: "worker", channelId: "channel" } as const;
  const started = startHandshake({ primitives, random, workerKey, ...ids });
  if (!started.ok) throw new Error(started.message);
  const frames: Frame[] = [];
  const accepted = await acceptInitiator({
    primitives,
    random,
    clock,
    signer: unusedSigner,
    identity: { x25519PrivateKey, mlKemPair: unusedPair },
    ...ids,
    userId: "user",
    clientAuth: "hub",
    message1: started.message1,
    maxMessageBytes: defaultMaxMessageBytes,
    sendFrame: (frame) => frames.push(frame),
    ...options,
  });
  if (!accepted.ok) throw new Error(accepted.message);
  const finished = started.finish(accepted.message2);
  if (!finished.ok) throw new Error(finished.message);
  const { responder } = accepted;
  const { clientToWorker, workerToClient } = finished.keys;
  const seal = makeFrameSealer({
    primitives,
    channelId: ids.channelId,
    key: makeCipherKey({ key: clientToWorker, clock }),
  });
  const open = makeFrameOpener({ primitives, key: makeCipherKey({ key: workerToClient, clock }) });
  const joiner = makeMessageJoiner();

  function received(): Received[] {
    return frames.splice(0).flatMap((frame): Received[] => {
      if (frame.flags === flagClose) return [{ close: decodeCloseFrame(frame) }];
      const opened = open(frame);
      if (!opened.ok) throw new Error(opened.reason);
      const message = joiner.accept(frame.flags, opened.chunk);
      if (!message) return [];
      const decoded = decodeMessage(message);
      if (!decoded.ok) throw new Error(decoded.reason);
      return [decoded.body];
    });
  }

  function sendFrame(frame: Frame): Received[] {
    responder.acceptFrame(frame);
    return received();
  }

  function sendChunk(correlationId: bigint, flags: number, chunk: Uint8Array): Received[] {
    const sealed = seal(correlationId, flags, chunk);
    if (!sealed.ok) throw new Error(sealed.reason);
    return sendFrame(sealed.frame);
  }

  function exchange(correlationId: bigint, body: MessageBodyInit): Received[] {
    const all: Received[] = [];
    splitMessage(encodeMessage(body), (flags, chunk) => {
      all.push(...sendChunk(correlationId, flags, chunk));
      return true;
    });
    return all;
  }

  return {
    clock,
    responder,
    exchange,
    sendChunk,
    sendFrame,
    received,
    claim: () =>
      exchange(0n, {
        case: "userIdClaim",
        value: { userId: "user", protocolVersions: [protocolVersion] },
      }),
  };
}

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { Frame } from "@leapmux/proto/hub/v1/frame_pb.ts";
import {
  WorkerLinkService,
  WorkerLinkUpSchema,
  type OpenChannelOrder,
  type WorkerLinkDown,
  type WorkerLinkUp,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Hub } from "../context.ts";
import { makeInbox, type Inbox } from "./inbox.ts";

type Up = NonNullable<MessageInitShape<typeof WorkerLinkUpSchema>["body"]>;

/** The outside of a worker: speaks the link, answers openings with bytes of the right size, seals nothing. */
export interface FakeWorker {
  readonly workerId: string;
  readonly inbox: Inbox<WorkerLinkDown>;
  send(body: Up): void;
  sendFrames(...frames: FrameInit[]): void;
  /** Orders that came; answered at once unless `answers` is false. */
  readonly orders: OpenChannelOrder[];
  /** Resolves with the error that ended the link, or null for a plain end. */
  readonly ended: Promise<ConnectError | null>;
  hangUp(): void;
}

export type FrameInit = Partial<
  Pick<Frame, "channelId" | "correlationId" | "flags" | "ciphertext">
>;

export const workerToken = "lmw_test-token-of-a-fake-worker";
export const compositeKey = new Uint8Array(1664).fill(7);

export async function trustFakeWorker(hub: Hub, workerId = "worker-0001"): Promise<string> {
  await hub.trustBundledWorker({
    workerId,
    workerToken,
    compositePublicKey: compositeKey,
    mode: "classic",
    name: "fake",
  });
  return workerId;
}

export async function dialAsWorker(
  transport: Transport,
  options: {
    workerId?: string;
    token?: string;
    versions?: number[];
    maxMessageBytes?: number;
    answer?: (order: OpenChannelOrder) => Up | null;
    hello?: boolean;
    /** False: take what comes only when told to. */
    reads?: boolean;
  } = {},
): Promise<FakeWorker> {
  const { workerId = "worker-0001", token = workerToken } = options;
  const outgoing = makeInbox<WorkerLinkUp>();
  const inbox = makeInbox<WorkerLinkDown>();
  const orders: OpenChannelOrder[] = [];
  const abort = new AbortController();
  const send = (body: Up): void => outgoing.push(create(WorkerLinkUpSchema, { body }));
  if (options.hello !== false) {
    send({
      case: "hello",
      value: {
        protocolVersions: options.versions ?? [1],
        compositePublicKey: compositeKey,
        encryptionMode: EncryptionMode.CLASSIC,
        maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024,
      },
    });
  }
  const down = createClient(WorkerLinkService, transport).link(outgoing, {
    headers: { authorization: `Bearer ${token}`, "x-leapmux-worker-id": workerId },
    signal: abort.signal,
  });
  const answer =
    options.answer ??
    ((order: OpenChannelOrder): Up => ({
      case: "openChannelAnswer",
      value: { channelId: order.channelId, message2: new Uint8Array(48).fill(2) },
    }));
  async function read(): Promise<null> {
    for await (const message of down) {
      if (message.body.case === "openChannel") {
        orders.push(message.body.value);
        const body = answer(message.body.value);
        if (body !== null) send(body);
      }
      inbox.push(message);
    }
    return null;
  }
  const ended = (options.reads === false ? new Promise<null>(() => undefined) : read())
    .catch((error: unknown) => ConnectError.from(error))
    .finally(() => inbox.end());
  return {
    workerId,
    inbox,
    orders,
    ended,
    send,
    sendFrames: (...frames) => send({ case: "frames", value: { frames } }),
    hangUp() {
      outgoing.end();
      abort.abort();
    },
  };
}

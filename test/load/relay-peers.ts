/**
 * A client and a worker that speak the hub's own protocols and seal nothing: what lies between them is
 * the relay alone. The hub cannot tell, since it could not open a frame anyway.
 */
import { randomBytes } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import {
  WorkerLinkService,
  WorkerRegistrationService,
  type WorkerLinkUpSchema,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { compositeKeyBytes, message1Bytes, message2Bytes } from "@leapmux/shared/limits/limits.ts";
import { makeAsyncQueue } from "../harness/async-queue.ts";
import type { Cleanup } from "../harness/cleanup.ts";
import { dialClientLink, type ClientLink } from "../harness/client-link.ts";
import { knownHeaders } from "../harness/known-logins.ts";
import { type BenchHub, startBenchHub } from "./bench-parts.ts";
import type { Child } from "./child.ts";

export interface RelayPeers {
  readonly hub: Child;
  /** Opens a link with that many channels on it; as whom, at a hub with logins: the first admin unless said. */
  openLink(
    channels: number,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ link: ClientLink; channelIds: string[] }>;
  readonly worker: {
    /** Waits at the hub's pace: what is pushed goes out as one message of the worker's link. */
    send(frames: readonly Frame[]): void;
    onFrames(receive: (frames: readonly Frame[]) => void): void;
  };
}

/** On a hub of their own unless one is given. */
export async function connectRelayPeers(cleanup: Cleanup, given?: BenchHub): Promise<RelayPeers> {
  const { url, process: hub, mintKey } = given ?? (await startBenchHub(cleanup));
  const key = await mintKey();
  const transport = createGrpcTransport({ baseUrl: url, acceptCompression: [] });
  const workerId = `wkr_${randomBytes(16).toString("base64url")}`;
  const compositePublicKey = randomBytes(compositeKeyBytes);
  const { workerToken } = await createClient(WorkerRegistrationService, transport).register(
    { workerId, compositePublicKey, encryptionMode: EncryptionMode.CLASSIC, name: "bench" },
    { headers: { authorization: `Bearer ${key}` } },
  );

  const up = makeAsyncQueue<MessageInitShape<typeof WorkerLinkUpSchema>>();
  up.push({
    body: {
      case: "hello",
      value: {
        protocolVersions: [1],
        compositePublicKey,
        encryptionMode: EncryptionMode.CLASSIC,
        maxMessageBytes: 16 * 1024 * 1024,
      },
    },
  });
  const abort = new AbortController();
  cleanup.add(() => abort.abort());
  let receive: (frames: readonly Frame[]) => void = () => undefined;
  const welcomed = Promise.withResolvers<void>();
  const down = createClient(WorkerLinkService, transport).link(up, {
    headers: { authorization: `Bearer ${workerToken}`, "x-leapmux-worker-id": workerId },
    signal: abort.signal,
  });
  const read = async (): Promise<void> => {
    for await (const { body } of down) {
      if (body.case === "welcome") welcomed.resolve();
      else if (body.case === "heartbeat") up.push({ body: { case: "heartbeat", value: {} } });
      else if (body.case === "frames") receive(body.value.frames);
      else if (body.case === "openChannel") {
        const message2 = new Uint8Array(message2Bytes.classic);
        const { channelId } = body.value;
        up.push({ body: { case: "openChannelAnswer", value: { channelId, message2 } } });
      }
    }
  };
  read().catch((error: unknown) => welcomed.reject(error));
  await welcomed.promise;
  const beat = setInterval(() => up.push({ body: { case: "heartbeat", value: {} } }), 3000);
  cleanup.add(() => clearInterval(beat));

  return {
    hub,
    async openLink(count, headers = knownHeaders(url)) {
      const channels = createClient(ChannelService, connectAs(url, headers));
      const link = await dialClientLink(url, { headers });
      cleanup.add(() => link.terminate());
      const channelIds: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const channelId = randomBytes(16).toString("base64url");
        await channels.openChannel({
          workerId,
          channelId,
          linkId: link.linkId,
          encryptionMode: EncryptionMode.CLASSIC,
          message1: randomBytes(message1Bytes.classic),
        });
        channelIds.push(channelId);
      }
      return { link, channelIds };
    },
    worker: {
      send: (frames) =>
        up.push({
          body: { case: "frames", value: { frames: frames.map((frame) => ({ ...frame })) } },
        }),
      onFrames: (handler) => void (receive = handler),
    },
  };
}

import { once } from "node:events";
import { connect } from "node:http2";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import {
  WorkerLinkDownSchema,
  WorkerLinkUpSchema,
  type WorkerLinkDown,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeHubLimits } from "../../config/hub-limits.ts";
import { dialAsClient } from "../../test-support/fake-client.ts";
import { compositeKey, trustFakeWorker, workerToken } from "../../test-support/fake-worker.ts";
import { makeInbox } from "../../test-support/inbox.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

type Up = NonNullable<MessageInitShape<typeof WorkerLinkUpSchema>["body"]>;

/** A worker over gRPC by hand, because a library reads whatever comes. */
function dial(url: string) {
  const session = connect(url);
  session.on("error", () => undefined);
  cleanUp(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/leapmux.hub.v1.WorkerLinkService/Link",
    "content-type": "application/grpc+proto",
    te: "trailers",
    authorization: `Bearer ${workerToken}`,
    "x-leapmux-worker-id": "worker-0001",
  });
  stream.on("error", () => undefined);
  const inbox = makeInbox<WorkerLinkDown>();
  let received = Buffer.alloc(0);
  stream.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const end = 5 + received.readUInt32BE(1);
      inbox.push(fromBinary(WorkerLinkDownSchema, new Uint8Array(received.subarray(5, end))));
      received = received.subarray(end);
    }
  });
  return {
    session,
    stream,
    inbox,
    send(body: Up): void {
      const message = toBinary(WorkerLinkUpSchema, create(WorkerLinkUpSchema, { body }));
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      stream.write(Buffer.concat([prefix, message]));
    },
  };
}

test("a worker that beats and answers pings, but reads nothing, loses its link", async () => {
  const clock = makeManualClock();
  const { hub, url } = await startTestHub({ clock: { ...clock, wallMs: () => clock.now() } });
  await trustFakeWorker(hub);
  const worker = dial(url);
  worker.send({
    case: "hello",
    value: {
      protocolVersions: [1],
      compositePublicKey: compositeKey,
      encryptionMode: EncryptionMode.CLASSIC,
      maxMessageBytes: 1_000_000,
    },
  });
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const client = await dialAsClient(url);
  cleanUp(() => client.socket.terminate());
  const opening = client.open();
  const { body } = await worker.inbox.find((message) => message.body.case === "openChannel");
  if (body.case !== "openChannel") throw new Error("no opening");
  const { channelId } = body.value;
  worker.send({
    case: "openChannelAnswer",
    value: { channelId, message2: new Uint8Array(48) },
  });
  await opening;

  // More than windows and buffers take.
  worker.stream.pause();
  const ciphertext = new Uint8Array(60_000);
  for (let count = 0; count < 40; count += 1) {
    client.sendFrames({ channelId, correlationId: 1n, ciphertext });
  }
  await new Promise<void>((resolve) => {
    client.socket.once("pong", () => resolve());
    client.socket.ping();
  });
  const closed = once(worker.stream, "close");
  for (let ms = 0; ms < makeHubLimits().stuckQueueMs + 10_000; ms += 1_000) {
    clock.advance(1_000);
    if (worker.stream.closed) break;
    worker.send({ case: "heartbeat", value: {} });
    // The beat has to be there before time goes on.
    await new Promise<void>((resolve) => void worker.session.ping(() => resolve()));
  }
  await closed;
  expect(worker.stream.rstCode).toBe(8);
  expect(worker.session.destroyed).toBe(false);
});

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import {
  WorkerLinkDownSchema,
  WorkerLinkUpSchema,
  type WorkerLinkDown,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { dialAsClient } from "../test-support/fake-client.ts";
import { compositeKey, trustFakeWorker, workerToken } from "../test-support/fake-worker.ts";
import { makeInbox } from "../test-support/inbox.ts";
import { cleanUp, startTestHub } from "../test-support/start-links.ts";

const known = {
  authorization: `Bearer ${workerToken}`,
  "x-leapmux-worker-id": "worker-0001",
};

function dial(url: string, options: ClientOptions = { headers: known }) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/worker-link`, options);
  cleanUp(() => socket.terminate());
  const inbox = makeInbox<WorkerLinkDown>();
  socket.on("message", (data: Buffer) => {
    inbox.push(fromBinary(WorkerLinkDownSchema, new Uint8Array(data)));
  });
  const closed = new Promise<string>((resolve) => {
    socket.on("close", (code, reason) => resolve(`${code} ${reason.toString()}`));
  });
  const answered = new Promise<number>((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
  });
  socket.on("error", () => undefined);
  return { socket, inbox, closed, answered };
}

const hello = (maxMessageBytes = 1_000_000): Uint8Array =>
  toBinary(
    WorkerLinkUpSchema,
    create(WorkerLinkUpSchema, {
      body: {
        case: "hello",
        value: {
          protocolVersions: [1],
          compositePublicKey: compositeKey,
          encryptionMode: EncryptionMode.CLASSIC,
          maxMessageBytes,
        },
      },
    }),
  );

async function startHub(clock?: ReturnType<typeof makeManualClock>) {
  const started = await startTestHub(
    clock === undefined ? {} : { clock: { ...clock, wallMs: () => clock.now() } },
  );
  await trustFakeWorker(started.hub);
  return started;
}

test("a worker gets its welcome, orders and frames, and the client hers", async () => {
  const { url } = await startHub();
  const { socket, inbox, answered } = dial(url);
  expect(await answered).toBe(101);
  socket.send(hello());
  expect((await inbox.next()).body).toMatchObject({
    case: "welcome",
    value: { maxMessageBytes: 1_000_000 },
  });
  const client = await dialAsClient(url);
  cleanUp(() => client.socket.terminate());
  const opening = client.open();
  const { body } = await inbox.find((message) => message.body.case === "openChannel");
  if (body.case !== "openChannel") throw new Error("no opening");
  const { channelId } = body.value;
  const answer = { channelId, message2: new Uint8Array(48) };
  socket.send(
    toBinary(
      WorkerLinkUpSchema,
      create(WorkerLinkUpSchema, { body: { case: "openChannelAnswer", value: answer } }),
    ),
  );
  await opening;
  const ciphertext = new Uint8Array(60_000).fill(4);
  client.sendFrames({ channelId, correlationId: 1n, ciphertext });
  const down = await inbox.find((message) => message.body.case === "frames");
  expect(down.body.value).toMatchObject({ frames: [{ channelId, ciphertext }] });
  const frames = Array.from({ length: 10 }, () => ({ channelId, correlationId: 1n, ciphertext }));
  socket.send(
    toBinary(
      WorkerLinkUpSchema,
      create(WorkerLinkUpSchema, { body: { case: "frames", value: { frames } } }),
    ),
  );
  for (const frame of frames) {
    const { ciphertext: relayed } = await client.frames.next();
    expect(Buffer.compare(relayed, frame.ciphertext)).toBe(0);
  }
  // Its end is told by the close of the channel.
  socket.terminate();
  expect(Buffer.from((await client.frames.next()).ciphertext).toString()).toBe("worker_offline");
});

test("no page opens it, whoever's it is", async () => {
  const { url } = await startHub();
  for (const origin of [url, "http://localhost:1", "https://evil.example", "null"]) {
    expect(await dial(url, { headers: known, origin }).answered, origin).toBe(403);
  }
  const misdirected = { headers: { ...known, host: "evil.example" } };
  expect(await dial(url, misdirected).answered).toBe(421);
  const crossSite = { headers: { ...known, "sec-fetch-site": "cross-site" } };
  expect(await dial(url, crossSite).answered).toBe(403);
});

test("a worker that is not known hears so from the hub itself", async () => {
  const { url, log } = await startHub();
  for (const headers of [
    {},
    { ...known, authorization: "Bearer lmw_test-token-of-another-worker" },
    { ...known, authorization: `Basic ${workerToken}` },
    { ...known, "x-leapmux-worker-id": "worker-0002" },
    { ...known, "x-leapmux-worker-id": "' or 1=1 --" },
  ]) {
    const { closed } = dial(url, { headers });
    expect(await closed).toBe("4116 worker_token_refused");
  }
  expect(log.join("")).not.toContain(workerToken);
});

test("what is no message of the protocol ends the link, with the reason before the welcome", async () => {
  const { url } = await startHub();
  const first = async (data: string | Uint8Array) => {
    const { socket, answered, closed } = dial(url);
    await answered;
    socket.send(data);
    return await closed;
  };
  expect(await first("hello")).toBe("4103 protocol_violation");
  expect(await first(new Uint8Array(50).fill(255))).toBe("4103 protocol_violation");
  expect(await first(new Uint8Array(0))).toBe("4103 protocol_violation");
  expect(await first(hello(3))).toBe("4103 protocol_violation");
  // RFC 6455 §7.4.1: too big.
  expect(await first(new Uint8Array(1024 * 1024 + 1))).toMatch(/^1009/);
  const { socket, inbox, closed } = dial(url);
  socket.on("open", () => socket.send(hello()));
  await inbox.next();
  socket.send(new Uint8Array(50).fill(255));
  await closed;
});

test("one that stays silent is let go", async () => {
  const clock = makeManualClock();
  const { url } = await startHub(clock);
  const silent = dial(url);
  await silent.answered;
  const greeted = dial(url);
  await greeted.answered;
  greeted.socket.send(hello());
  await greeted.inbox.next();
  clock.advance(12_000);
  expect(await silent.closed).toBe("4103 protocol_violation");
  expect(await greeted.closed).toMatch(/^1000/);
});

test("a hub that stops says when to come back", async () => {
  const { hub, url } = await startHub();
  const { socket, inbox, answered, closed } = dial(url);
  await answered;
  socket.send(hello());
  await inbox.next();
  const closing = hub.close();
  await inbox.find(({ body }) => body.case === "goingAway");
  expect(await closed).toMatch(/^1000/);
  await closing;
});

import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { expect, test } from "vitest";
import { dialAsClient } from "../test-support/fake-client.ts";
import { compositeKey, dialAsWorker } from "../test-support/fake-worker.ts";
import { cleanUp, startTestHub } from "../test-support/start-links.ts";

test("over real sockets: an open channel ends with its reason, the worker acknowledges and is refused from then on", async () => {
  const { hub, url, log } = await startTestHub();
  const grpc = createGrpcTransport({ baseUrl: url });
  const calls = createClient(
    WorkerService,
    createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: true }),
  );
  const workerId = "worker-0001";
  const { key } = await hub.mintRegistrationKey();
  const { workerToken: token } = await createClient(WorkerRegistrationService, grpc).register(
    {
      workerId,
      compositePublicKey: compositeKey,
      encryptionMode: EncryptionMode.CLASSIC,
      name: "box",
    },
    { headers: { authorization: `Bearer ${key}` } },
  );
  const worker = await dialAsWorker(grpc, { workerId, token });
  cleanUp(() => worker.hangUp());
  await worker.inbox.find(({ body }) => body.case === "welcome");
  const client = await dialAsClient(url);
  cleanUp(() => client.socket.terminate());
  const channelId = await client.open(workerId);

  await calls.deregisterWorker({ workerId });
  const closed = await client.frames.next();
  expect([closed.channelId, Buffer.from(closed.ciphertext).toString()]).toEqual([
    channelId,
    "worker_deregistered",
  ]);
  await worker.inbox.find(({ body }) => body.case === "deregister");
  await expect(client.open(workerId)).rejects.toThrow(/offline/);
  worker.send({ case: "deregistered", value: {} });
  expect(await worker.ended).toBeNull();
  expect((await calls.listWorkers({})).workers).toEqual([]);
  const again = await dialAsWorker(grpc, { workerId, token });
  expect(await again.ended).toMatchObject({ code: Code.Unauthenticated });
  expect(log.join("")).not.toContain(token);
});

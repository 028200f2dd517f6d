import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { compositeKey } from "./fake-worker.ts";

/** A worker that is nothing but its registration; gives the token for its link. */
export async function registerWorker(
  url: string,
  workerId: string,
  { key }: { readonly key: string },
): Promise<string> {
  const calls = createClient(WorkerRegistrationService, createGrpcTransport({ baseUrl: url }));
  const { workerToken } = await calls.register(
    {
      workerId,
      compositePublicKey: compositeKey,
      encryptionMode: EncryptionMode.CLASSIC,
      name: "fake",
    },
    { headers: { authorization: `Bearer ${key}` } },
  );
  return workerToken;
}

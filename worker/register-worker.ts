import { createClient, type Transport } from "@connectrpc/connect";
import { EncryptionMode as WireMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";

/** Something between may swallow the call or its answer; asking again is safe. For each way to the hub, ms. */
const answerTimeoutMs = 15_000;

/**
 * Makes this worker known to a hub, once. Answers the token for its link, which the caller keeps; the key
 * is used up and is never written anywhere. Throws the hub's ConnectError.
 */
export async function registerWorker(options: {
  readonly transport: Transport;
  readonly registrationKey: string;
  readonly identity: { readonly workerId: string; readonly compositePublicKey: Uint8Array };
  readonly name: string;
  readonly mode: EncryptionMode;
  /** mac_w of protocol §7; absent where nobody is to be paired with. */
  readonly workerMac: Uint8Array | null;
}): Promise<string> {
  const { transport, registrationKey, identity, name, mode, workerMac } = options;
  const client = createClient(WorkerRegistrationService, transport);
  const response = await client.register(
    {
      workerId: identity.workerId,
      compositePublicKey: identity.compositePublicKey,
      encryptionMode: mode === "classic" ? WireMode.CLASSIC : WireMode.POST_QUANTUM,
      name,
      ...(workerMac && { workerMac }),
    },
    {
      headers: { authorization: `Bearer ${registrationKey}` },
      timeoutMs: answerTimeoutMs,
    },
  );
  return response.workerToken;
}

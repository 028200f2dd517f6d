import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { generateSlhDsaKey } from "@leapmux/native/native-signer.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { OpenChannelOrderSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { generateWorkerSecrets } from "@leapmux/shared/identity/worker-secrets.ts";
import { defaultMaxMessageBytes } from "@leapmux/shared/limits/limits.ts";
import { startHandshake } from "@leapmux/shared/noise/start-handshake.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test, vi } from "vitest";
import { defaultWorkerLimits } from "../config/worker-limits.ts";
import { type LinkUp, makeLinkSender } from "../link/send-frame.ts";
import { makePeers } from "./peers.ts";

const identity = generateWorkerSecrets(nativePrimitives, nodeRandom, generateSlhDsaKey());
const workerId = "wkr_1";

function makeOrder(channelId: string, changes: MessageInitShape<typeof OpenChannelOrderSchema>) {
  const started = startHandshake({
    primitives: nativePrimitives,
    random: nodeRandom,
    mode: "post-quantum",
    workerId,
    channelId,
    workerKey: identity.compositePublicKey,
  });
  if (!started.ok) throw new Error(started.message);
  return create(OpenChannelOrderSchema, {
    channelId,
    userId: "user",
    encryptionMode: EncryptionMode.POST_QUANTUM,
    message1: started.message1,
    ...changes,
  });
}

test("an opening that nobody signs is refused and told here; one that is wrong is only refused", async () => {
  const sender = makeLinkSender({ limits: defaultWorkerLimits, onSent: () => undefined });
  const signingFailed = new Error("no signature");
  const onOpeningFailed = vi.fn<(channelId: string, error: unknown) => void>();
  const peers = makePeers({
    primitives: nativePrimitives,
    random: nodeRandom,
    clock: makeManualClock(),
    signer: { publicKey: new Uint8Array(64), sign: () => Promise.reject(signingFailed) },
    identity,
    workerId,
    mode: "post-quantum",
    gate: null,
    onRefused: () => undefined,
    limits: defaultWorkerLimits,
    dispatch: () => expect.fail("nothing is open"),
    onOpeningFailed,
  });
  peers.startLink(sender, defaultMaxMessageBytes);
  const channelIds = ["A".repeat(22), "B".repeat(22)] as const;
  peers.openChannel(makeOrder(channelIds[0], {}));
  peers.openChannel(makeOrder(channelIds[1], { message1: new Uint8Array(1616).fill(1) }));

  const answers: LinkUp[] = [];
  for await (const message of sender.messages()) if (answers.push(message) === 2) break;
  const refused = channelIds.map((channelId) =>
    expect.objectContaining({
      body: {
        case: "openChannelAnswer",
        value: expect.objectContaining({ channelId, refusal: "handshake_failed" }),
      },
    }),
  );
  expect(answers).toEqual(expect.arrayContaining(refused));
  expect(onOpeningFailed.mock.calls).toEqual([[channelIds[0], signingFailed]]);
  expect(peers.channels).toBe(0);
});

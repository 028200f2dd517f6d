import { makeCipherKey } from "@leapmux/shared/channel/cipher-key.ts";
import { makeFrameHeader } from "@leapmux/shared/channel/frame-header.ts";
import { makeFrameOpener } from "@leapmux/shared/channel/open-frame.ts";
import { makeFrameSealer } from "@leapmux/shared/channel/seal-frame.ts";
import type { TransportKeys } from "@leapmux/shared/noise/handshake-result.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Failures } from "./failures.ts";
import type { HandshakeVector } from "./handshake-vector.ts";

const stoppedClock: Clock = { now: () => 0, after: () => () => {} };

/** The frame of a case, sealed by the one end and opened by the other with what seals and opens every frame. */
export function checkTransport(
  primitives: Primitives,
  { transport, channelId }: HandshakeVector,
  client: TransportKeys,
  worker: TransportKeys,
  failures: Failures,
): void {
  const { nonce, flags, correlationId, plaintext, ciphertext } = transport;
  const toWorker = transport.direction === "client_to_worker";
  const sendingKey = toWorker ? client.clientToWorker : worker.workerToClient;
  const receivingKey = toWorker ? worker.clientToWorker : client.workerToClient;

  const header = makeFrameHeader();
  header.set(nonce, flags, correlationId);
  failures.expectEqual(
    "transport.associated_data",
    header.associatedData,
    transport.associatedData,
  );

  const cipherKey = (key: Uint8Array) =>
    makeCipherKey({ key: key.slice(), clock: stoppedClock, firstNonce: nonce });
  const seal = makeFrameSealer({ primitives, channelId, key: cipherKey(sendingKey) });
  const open = makeFrameOpener({ primitives, key: cipherKey(receivingKey) });
  const sealed = seal(correlationId, flags, plaintext);
  const opened = open({ channelId, correlationId, flags, ciphertext });
  failures.expectEqual(
    "transport.ciphertext",
    sealed.ok ? sealed.frame.ciphertext : null,
    ciphertext,
  );
  failures.expectEqual("transport.plaintext", opened.ok ? opened.chunk : null, plaintext);
}

import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeNkInitiator, makeNkResponder } from "@leapmux/shared/noise/noise-nk.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import { encodeNonce } from "@leapmux/shared/noise/symmetric-state.ts";
import { type Failures, makeFailures } from "./failures.ts";
import { type NoiseNkVector, readNoiseNkVector } from "./noise-nk-vector.ts";

/** Runs a published Noise_NK case through the pattern of `shared/noise`, both roles, both sets of primitives. */
export async function checkNoiseNkCase(value: unknown): Promise<readonly string[]> {
  const vector = readNoiseNkVector(value);
  const failures = makeFailures();
  for (const primitives of [noblePrimitives, nativePrimitives]) {
    checkWith(primitives, vector, failures);
    if (failures.lines.length > 0) break;
  }
  return failures.lines;
}

function checkWith(primitives: Primitives, vector: NoiseNkVector, failures: Failures): void {
  const remoteStatic = primitives.x25519PublicKey(vector.respStatic);
  failures.expectEqual("init_remote_static", remoteStatic, vector.initRemoteStatic);
  const [first, second, ...transport] = vector.messages;
  if (!first || !second) return failures.add("messages", "needs the two of the handshake");

  const initiator = makeNkInitiator({
    primitives,
    prologue: vector.initPrologue,
    remoteStaticKey: vector.initRemoteStatic,
    ephemeralPrivateKey: vector.initEphemeral.slice(),
  });
  const responder = makeNkResponder({
    primitives,
    prologue: vector.respPrologue,
    staticPrivateKey: vector.respStatic,
    ephemeralPrivateKey: vector.respEphemeral.slice(),
  });

  const message1 = initiator.writeMessage1(first.payload);
  failures.expectEqual("messages[0].ciphertext", message1, first.ciphertext);
  // The file's message, not ours: both directions of both roles are checked against the file alone.
  const payload1 = responder.readMessage1(first.ciphertext);
  failures.expectEqual("messages[0].payload", payload1, first.payload);
  if (!message1 || !payload1) return;

  const message2 = responder.writeMessage2(second.payload);
  failures.expectEqual("messages[1].ciphertext", message2, second.ciphertext);
  const payload2 = initiator.readMessage2(second.ciphertext);
  failures.expectEqual("messages[1].payload", payload2, second.payload);
  if (!message2 || !payload2) return;

  failures.expectEqual(
    "handshake_hash (initiator)",
    initiator.symmetric.hash(),
    vector.handshakeHash,
  );
  failures.expectEqual(
    "handshake_hash (responder)",
    responder.symmetric.hash(),
    vector.handshakeHash,
  );

  const sending = initiator.symmetric.split();
  const receiving = responder.symmetric.split();
  const none = new Uint8Array(0);
  transport.forEach(({ payload, ciphertext }, index) => {
    const field = `messages[${index + 2}]`;
    // Alternating, the initiator first, one counter per direction.
    const direction = index % 2 === 0 ? 0 : 1;
    const nonce = encodeNonce(Math.floor(index / 2));
    const sealed = primitives.seal(sending[direction], nonce, none, payload);
    const opened = primitives.open(receiving[direction], nonce, none, ciphertext);
    failures.expectEqual(`${field}.ciphertext`, sealed, ciphertext);
    failures.expectEqual(`${field}.payload`, opened, payload);
  });
}

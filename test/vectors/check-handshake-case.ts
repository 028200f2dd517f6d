import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import { deriveWorkerSecrets } from "@leapmux/shared/identity/worker-secrets.ts";
import { answerHandshake } from "@leapmux/shared/noise/answer-handshake.ts";
import type { TransportKeys } from "@leapmux/shared/noise/handshake-result.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import type { Primitives, Signer } from "@leapmux/shared/noise/primitives.ts";
import { encodePrologue } from "@leapmux/shared/noise/prologue.ts";
import { deriveRekeyedKey } from "@leapmux/shared/noise/rekey.ts";
import { startHandshake } from "@leapmux/shared/noise/start-handshake.ts";
import { checkTransport } from "./check-transport.ts";
import { type Failures, makeFailures } from "./failures.ts";
import { type HandshakeVector, readHandshakeVector } from "./handshake-vector.ts";

/**
 * Holds every field of one case against the production code of `shared`, first with noble's primitives,
 * then with OpenSSL's. The signature is made once, by noble, as only it signs deterministically.
 */
export async function checkHandshakeCase(value: unknown): Promise<readonly string[]> {
  const vector = readHandshakeVector(value);
  const failures = makeFailures();
  const { worker, workerId, channelId, mode } = vector;
  failures.expectEqual("prologue", encodePrologue(mode, workerId, channelId), vector.prologue);

  const secrets = deriveWorkerSecrets(noblePrimitives, {
    x25519PrivateKey: worker.x25519Private,
    mlKemSeed: worker.mlKemSeed,
    slhDsaSeed: worker.slhDsaSeed,
  });
  const compositeKey = secrets.compositePublicKey;
  failures.expectEqual("worker.composite_public", compositeKey, worker.compositePublic);
  const { digest } = await fingerprint(compositeKey, nativeScrypt);
  failures.expectEqual("fingerprint_digest", digest, vector.fingerprintDigest);

  const signer = rememberSignatures(makeNobleSigner(secrets.slhDsaSecretKey));
  for (const primitives of [noblePrimitives, nativePrimitives]) {
    await checkWith(primitives, vector, compositeKey, signer, failures);
    if (failures.lines.length > 0) break;
  }
  return failures.lines;
}

async function checkWith(
  primitives: Primitives,
  vector: HandshakeVector,
  compositeKey: Uint8Array,
  signer: Signer,
  failures: Failures,
): Promise<void> {
  const { mode, workerId, channelId } = vector;
  const both = { primitives, mode, workerId, channelId };

  // Message 1, from the ephemerals of the file.
  const initiator = startHandshake({
    ...both,
    workerKey: compositeKey,
    random: replay([vector.initiator.ephemeralPrivate, vector.initiator.mlKemEncapsRandomness]),
  });
  if (!initiator.ok) return failures.add("message_1", initiator.message);
  failures.expectEqual("message_1", initiator.message1, vector.message1);

  // Message 2.
  const mlKemPair = primitives.mlKemKeyPair(vector.worker.mlKemSeed);
  const answer = await answerHandshake({
    ...both,
    signer,
    identity: { x25519PrivateKey: vector.worker.x25519Private, mlKemPair },
    random: replay([vector.responder.ephemeralPrivate]),
    message1: initiator.message1,
  });
  if (!answer.ok) return failures.add("message_2_noise", answer.message);
  const { message2 } = answer;
  failures.expectEqual("message_2_noise", message2.subarray(0, 48), vector.message2Noise);
  failures.expectEqual(
    "message_2_blake2b512",
    primitives.blake2b512(message2),
    vector.message2Blake2b512,
  );

  // What both ends have at the end.
  const finished = initiator.finish(message2);
  if (!finished.ok) return failures.add("message_2_noise", finished.message);
  for (const [end, { binding, keys }] of [
    ["client", finished],
    ["worker", answer],
  ] as const) {
    failures.expectEqual(`handshake_hash (${end})`, binding, vector.handshakeHash);
    failures.expectEqual(
      `key_client_to_worker (${end})`,
      keys.clientToWorker,
      vector.keyClientToWorker,
    );
    failures.expectEqual(
      `key_worker_to_client (${end})`,
      keys.workerToClient,
      vector.keyWorkerToClient,
    );
  }
  checkRekey(primitives, vector, finished.keys, failures);
  checkTransport(primitives, vector, finished.keys, answer.keys, failures);
}

function checkRekey(
  primitives: Primitives,
  { rekey }: HandshakeVector,
  keys: TransportKeys,
  failures: Failures,
): void {
  failures.expectEqual(
    "rekey.key_client_to_worker",
    deriveRekeyedKey(primitives, keys.clientToWorker, rekey.secret),
    rekey.keyClientToWorker,
  );
  failures.expectEqual(
    "rekey.key_worker_to_client",
    deriveRekeyedKey(primitives, keys.workerToClient, rekey.secret),
    rekey.keyWorkerToClient,
  );
}

/** The given values in turn, as copies: what asks for randomness zeroes it afterwards. */
function replay(values: readonly Uint8Array[]): (length: number) => Uint8Array {
  let next = 0;
  return (length) => {
    const value = values[next++];
    if (value?.length !== length)
      throw new Error("randomness asked for that the case does not hold");
    return value.slice();
  };
}

function rememberSignatures(signer: Signer): Signer {
  const signatures = new Map<string, Promise<Uint8Array>>();
  return {
    publicKey: signer.publicKey,
    sign(message, context) {
      const key = Buffer.concat([context, message]).toString("hex");
      const signature = signatures.get(key) ?? signer.sign(message, context);
      signatures.set(key, signature);
      return signature;
    },
  };
}

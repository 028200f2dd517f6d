/**
 * Everything that a case of `handshake-v1.json` holds, computed from its inputs alone: protocol §§2, 3, 4
 * and 6 read from top to bottom. The client's side is computed; the worker's side is computed beside it
 * and must agree. Shares nothing with `shared`.
 */
import { blake2b } from "@noble/hashes/blake2.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { slh_dsa_shake_256f } from "@noble/post-quantum/slh-dsa.js";
import type { HandshakeVector } from "../handshake-vector.ts";
import * as noise from "./noise-reference.ts";

/** The parts of a case from which the rest follows. */
export interface HandshakeInputs {
  readonly label: string;
  readonly mode: HandshakeVector["mode"];
  readonly workerId: string;
  readonly channelId: string;
  readonly worker: Omit<HandshakeVector["worker"], "compositePublic">;
  readonly initiator: HandshakeVector["initiator"];
  readonly responder: HandshakeVector["responder"];
  readonly transport: Omit<HandshakeVector["transport"], "associatedData" | "ciphertext">;
  readonly rekey: Pick<HandshakeVector["rekey"], "secret">;
}

export function computeHandshake(inputs: HandshakeInputs): HandshakeVector {
  const { mode, workerId, channelId, worker, initiator, responder } = inputs;
  const postQuantum = mode === "post-quantum";

  // §2
  const staticPublic = noise.publicKeyOf(worker.x25519Private);
  const mlKem = ml_kem1024.keygen(worker.mlKemSeed);
  const slhDsa = slh_dsa_shake_256f.keygen(worker.slhDsaSeed);
  const compositePublic = noise.concat(staticPublic, mlKem.publicKey, slhDsa.publicKey);
  const fingerprintDigest = scrypt(
    blake2b(compositePublic, { dkLen: 64 }),
    Buffer.from("leapmux fingerprint v1"),
    { N: 32768, r: 8, p: 1, dkLen: 16 },
  );

  // §3, prologue
  const prologue = noise.concat(
    Buffer.from("leapmux-e2ee-v1"),
    Uint8Array.of(postQuantum ? 2 : 1),
    Uint8Array.of(workerId.length),
    Buffer.from(workerId, "ascii"),
    Uint8Array.of(channelId.length),
    Buffer.from(channelId, "ascii"),
  );

  // §3, message 1: -> e, es
  const client = noise.begin(prologue, staticPublic);
  const noiseMessage1 = noise.writeMessage(
    client,
    initiator.ephemeralPrivate,
    staticPublic,
    noise.empty,
  );
  const workerSide = noise.begin(prologue, staticPublic);
  noise.readMessage(workerSide, worker.x25519Private, noiseMessage1);

  // §3, post-quantum mode, 1
  let ct = noise.empty;
  let ss = noise.empty;
  if (postQuantum) {
    const { cipherText, sharedSecret } = ml_kem1024.encapsulate(
      mlKem.publicKey,
      initiator.mlKemEncapsRandomness,
    );
    ct = cipherText;
    ss = sharedSecret;
    agree("ss", ss, ml_kem1024.decapsulate(ct, mlKem.secretKey));
    noise.mixHash(client, ct);
    noise.mixHash(workerSide, ct);
  }
  const message1 = noise.concat(noiseMessage1, ct);

  // §3, message 2: <- e, ee
  const message2Noise = noise.writeMessage(
    workerSide,
    responder.ephemeralPrivate,
    noiseMessage1.subarray(0, 32),
    noise.empty,
  );
  noise.readMessage(client, initiator.ephemeralPrivate, message2Noise);
  agree("h", client.h, workerSide.h);
  agree("ck", client.ck, workerSide.ck);
  const h = client.h;

  // §3, post-quantum mode, 2 to 4
  let sig = noise.empty;
  let ck = client.ck;
  if (postQuantum) {
    const transcript = blake2b(noise.concat(h, ct, ss), { dkLen: 64 });
    const context = new Uint8Array(Buffer.from("leapmux-e2ee-v1 handshake"));
    const options = { context, extraEntropy: false } as const;
    sig = slh_dsa_shake_256f.sign(transcript, slhDsa.secretKey, options);
    ck = noise.hkdf(ck, ss)[0];
  }
  const [keyClientToWorker, keyWorkerToClient] = noise.split(ck);

  return {
    ...inputs,
    worker: { ...worker, compositePublic },
    fingerprintDigest,
    prologue,
    message1,
    message2Noise,
    message2Blake2b512: blake2b(noise.concat(message2Noise, sig), { dkLen: 64 }),
    handshakeHash: h,
    keyClientToWorker,
    keyWorkerToClient,
    transport: computeTransport(inputs, keyClientToWorker, keyWorkerToClient),
    rekey: {
      secret: inputs.rekey.secret,
      keyClientToWorker: rekeyed(keyClientToWorker, inputs.rekey.secret),
      keyWorkerToClient: rekeyed(keyWorkerToClient, inputs.rekey.secret),
    },
  };
}

/** §4 */
function computeTransport(
  { transport }: HandshakeInputs,
  keyClientToWorker: Uint8Array,
  keyWorkerToClient: Uint8Array,
): HandshakeVector["transport"] {
  const correlationId = Buffer.alloc(8);
  correlationId.writeBigUInt64BE(transport.correlationId);
  const associatedData = noise.concat(Uint8Array.of(transport.flags), correlationId);
  const key = transport.direction === "client_to_worker" ? keyClientToWorker : keyWorkerToClient;
  const nonce = BigInt(transport.nonce);
  const ciphertext = noise.seal(key, nonce, associatedData, transport.plaintext);
  return { ...transport, associatedData, ciphertext };
}

/** §6 */
function rekeyed(key: Uint8Array, secret: Uint8Array): Uint8Array {
  return noise.hkdf(key, secret)[0].subarray(0, 32);
}

function agree(what: string, client: Uint8Array, worker: Uint8Array): void {
  if (!Buffer.from(client).equals(worker)) throw new Error(`client and worker differ in ${what}`);
}

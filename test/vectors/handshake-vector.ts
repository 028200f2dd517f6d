import { readFields, readObject } from "./vector-fields.ts";

/** One case of a file like `handshake-v1.json`, decoded; names as there. */
export interface HandshakeVector {
  readonly label: string;
  readonly mode: "classic" | "post-quantum";
  readonly workerId: string;
  readonly channelId: string;
  readonly worker: {
    readonly x25519Private: Uint8Array;
    readonly mlKemSeed: Uint8Array;
    readonly slhDsaSeed: Uint8Array;
    readonly compositePublic: Uint8Array;
  };
  readonly fingerprintDigest: Uint8Array;
  readonly initiator: {
    readonly ephemeralPrivate: Uint8Array;
    /** Empty in classic mode, where the file has no such key. */
    readonly mlKemEncapsRandomness: Uint8Array;
  };
  readonly responder: { readonly ephemeralPrivate: Uint8Array };
  readonly prologue: Uint8Array;
  readonly message1: Uint8Array;
  readonly message2Noise: Uint8Array;
  readonly message2Blake2b512: Uint8Array;
  readonly handshakeHash: Uint8Array;
  readonly keyClientToWorker: Uint8Array;
  readonly keyWorkerToClient: Uint8Array;
  readonly transport: {
    readonly direction: "client_to_worker" | "worker_to_client";
    readonly nonce: number;
    readonly flags: number;
    readonly correlationId: bigint;
    readonly associatedData: Uint8Array;
    readonly plaintext: Uint8Array;
    readonly ciphertext: Uint8Array;
  };
  readonly rekey: {
    readonly secret: Uint8Array;
    readonly keyClientToWorker: Uint8Array;
    readonly keyWorkerToClient: Uint8Array;
  };
}

const postQuantum = "post-quantum";

/** Throws a `VectorError` for a key that is missing or unknown and for a value of wrong type or length. */
export function readHandshakeVector(value: unknown): HandshakeVector {
  const hybrid = readObject(value, "case")["mode"] === postQuantum;
  const fields = readFields(value, "", caseKeys);
  const worker = fields.object("worker", workerKeys);
  const initiator = fields.object(
    "initiator",
    hybrid ? ["ephemeral_private", "mlkem_encaps_randomness"] : ["ephemeral_private"],
  );
  const responder = fields.object(
    "responder",
    hybrid ? ["ephemeral_private", "slhdsa_deterministic"] : ["ephemeral_private"],
  );
  if (hybrid) responder.yes("slhdsa_deterministic");
  const transport = fields.object("transport", transportKeys);
  const rekey = fields.object("rekey", rekeyKeys);

  return {
    label: fields.text("label"),
    mode: fields.oneOf("mode", ["classic", postQuantum]),
    workerId: fields.text("worker_id"),
    channelId: fields.text("channel_id"),
    worker: {
      x25519Private: worker.bytes("x25519_private", 32),
      mlKemSeed: worker.bytes("mlkem_seed", 64),
      slhDsaSeed: worker.bytes("slhdsa_seed", 96),
      compositePublic: worker.bytes("composite_public", 1664),
    },
    fingerprintDigest: fields.bytes("fingerprint_digest", 16),
    initiator: {
      ephemeralPrivate: initiator.bytes("ephemeral_private", 32),
      mlKemEncapsRandomness: hybrid
        ? initiator.bytes("mlkem_encaps_randomness", 32)
        : new Uint8Array(0),
    },
    responder: { ephemeralPrivate: responder.bytes("ephemeral_private", 32) },
    prologue: fields.bytes("prologue"),
    message1: fields.bytes("message_1", hybrid ? 1616 : 48),
    message2Noise: fields.bytes("message_2_noise", 48),
    message2Blake2b512: fields.bytes("message_2_blake2b512", 64),
    handshakeHash: fields.bytes("handshake_hash", 64),
    keyClientToWorker: fields.bytes("key_client_to_worker", 32),
    keyWorkerToClient: fields.bytes("key_worker_to_client", 32),
    transport: {
      direction: transport.oneOf("direction", ["client_to_worker", "worker_to_client"]),
      // Below the hard limit of protocol §4: beyond it nothing may be sealed or opened.
      nonce: Number(transport.integer("nonce", 2n ** 32n - 2n)),
      flags: Number(transport.integer("flags", 255n)),
      correlationId: transport.integer("correlation_id", 2n ** 64n - 1n),
      associatedData: transport.bytes("associated_data", 9),
      plaintext: transport.bytes("plaintext"),
      ciphertext: transport.bytes("ciphertext"),
    },
    rekey: {
      secret: rekey.bytes("secret", hybrid ? 64 : 32),
      keyClientToWorker: rekey.bytes("key_client_to_worker", 32),
      keyWorkerToClient: rekey.bytes("key_worker_to_client", 32),
    },
  };
}

/** The way back, for the generator. */
export function writeHandshakeVector(vector: HandshakeVector): object {
  const hybrid = vector.mode === postQuantum;
  const { worker, initiator, responder, transport, rekey } = vector;
  return {
    label: vector.label,
    mode: vector.mode,
    worker_id: vector.workerId,
    channel_id: vector.channelId,
    worker: {
      x25519_private: hex(worker.x25519Private),
      mlkem_seed: hex(worker.mlKemSeed),
      slhdsa_seed: hex(worker.slhDsaSeed),
      composite_public: hex(worker.compositePublic),
    },
    fingerprint_digest: hex(vector.fingerprintDigest),
    initiator: {
      ephemeral_private: hex(initiator.ephemeralPrivate),
      ...(hybrid && { mlkem_encaps_randomness: hex(initiator.mlKemEncapsRandomness) }),
    },
    responder: {
      ephemeral_private: hex(responder.ephemeralPrivate),
      ...(hybrid && { slhdsa_deterministic: true }),
    },
    prologue: hex(vector.prologue),
    message_1: hex(vector.message1),
    message_2_noise: hex(vector.message2Noise),
    message_2_blake2b512: hex(vector.message2Blake2b512),
    handshake_hash: hex(vector.handshakeHash),
    key_client_to_worker: hex(vector.keyClientToWorker),
    key_worker_to_client: hex(vector.keyWorkerToClient),
    transport: {
      direction: transport.direction,
      nonce: transport.nonce,
      flags: transport.flags,
      correlation_id: Number(transport.correlationId),
      associated_data: hex(transport.associatedData),
      plaintext: hex(transport.plaintext),
      ciphertext: hex(transport.ciphertext),
    },
    rekey: {
      secret: hex(rekey.secret),
      key_client_to_worker: hex(rekey.keyClientToWorker),
      key_worker_to_client: hex(rekey.keyWorkerToClient),
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

const caseKeys = [
  "label",
  "mode",
  "worker_id",
  "channel_id",
  "worker",
  "fingerprint_digest",
  "initiator",
  "responder",
  "prologue",
  "message_1",
  "message_2_noise",
  "message_2_blake2b512",
  "handshake_hash",
  "key_client_to_worker",
  "key_worker_to_client",
  "transport",
  "rekey",
];
const workerKeys = ["x25519_private", "mlkem_seed", "slhdsa_seed", "composite_public"];
const transportKeys = [
  "direction",
  "nonce",
  "flags",
  "correlation_id",
  "associated_data",
  "plaintext",
  "ciphertext",
];
const rekeyKeys = ["secret", "key_client_to_worker", "key_worker_to_client"];

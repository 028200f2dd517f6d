import { readFields } from "./vector-fields.ts";

/** One case of a file like `noise-nk-published.json`, decoded; names as there. */
export interface NoiseNkVector {
  readonly protocolName: string;
  readonly initPrologue: Uint8Array;
  readonly initEphemeral: Uint8Array;
  readonly initRemoteStatic: Uint8Array;
  readonly respPrologue: Uint8Array;
  readonly respStatic: Uint8Array;
  readonly respEphemeral: Uint8Array;
  readonly handshakeHash: Uint8Array;
  /** Two of the handshake, then transport messages, alternating, the initiator's first. */
  readonly messages: readonly { readonly payload: Uint8Array; readonly ciphertext: Uint8Array }[];
}

/** Throws a `VectorError` for a key that is missing or unknown and for a value of wrong type or length. */
export function readNoiseNkVector(value: unknown): NoiseNkVector {
  const fields = readFields(value, "", caseKeys);
  return {
    protocolName: fields.oneOf("protocol_name", ["Noise_NK_25519_ChaChaPoly_BLAKE2b"]),
    initPrologue: fields.bytes("init_prologue"),
    initEphemeral: fields.bytes("init_ephemeral", 32),
    initRemoteStatic: fields.bytes("init_remote_static", 32),
    respPrologue: fields.bytes("resp_prologue"),
    respStatic: fields.bytes("resp_static", 32),
    respEphemeral: fields.bytes("resp_ephemeral", 32),
    handshakeHash: fields.bytes("handshake_hash", 64),
    messages: fields.list("messages").map((message, index) => {
      const parts = readFields(message, `messages[${index}]`, ["payload", "ciphertext"]);
      return { payload: parts.bytes("payload"), ciphertext: parts.bytes("ciphertext") };
    }),
  };
}

const caseKeys = [
  "protocol_name",
  "init_prologue",
  "init_ephemeral",
  "init_remote_static",
  "resp_prologue",
  "resp_static",
  "resp_ephemeral",
  "handshake_hash",
  "messages",
];

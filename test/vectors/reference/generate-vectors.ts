import { blake2b } from "@noble/hashes/blake2.js";
import { writeHandshakeVector } from "../handshake-vector.ts";
import { writeDeviceVector } from "../device-vector.ts";
import { computeDevices } from "./device-reference.ts";
import { computeHandshake, type HandshakeInputs } from "./handshake-reference.ts";

/**
 * A new file in the format of `handshake-v1.json`, every value from the reference implementation. Modes
 * alternate, post-quantum first; ids, lengths, nonces and flags go to their limits. The same seed gives
 * the same file.
 */
export function generateVectors(seed: string, count: number): object {
  const draw = makeDraw(seed);
  const vectors = Array.from({ length: count }, (_, index) =>
    writeHandshakeVector(computeHandshake(drawInputs(draw, seed, index))),
  );
  return { spec: "protocol.md", version: 1, vectors };
}

/** As above, in the format of `devices-v1.json`; scopes alternate, full first. */
export function generateDeviceVectors(seed: string, count: number): object {
  const draw = makeDraw(`devices ${seed}`);
  const keys = () => ({ ed25519Private: draw.bytes(32), mlDsaSeed: draw.bytes(32) });
  const vectors = Array.from({ length: count }, (_, index) => {
    const scope = (["full", "view", "drive"] as const)[index % 3] ?? "full";
    return writeDeviceVector(
      computeDevices({
        label: `generated-${seed}-${index + 1}`,
        issuer: keys(),
        subject: keys(),
        userId: draw.id(draw.oneOf([1, 26, 64])),
        binding: draw.bytes(64),
        grant: {
          scope,
          workspaceIds: scope === "full" ? [] : [draw.id(22), draw.id(64)],
          notBeforeMs: draw.oneOf([0n, 1n, 1_790_000_000_000n]),
          notAfterMs: draw.oneOf([1_797_776_000_000n, 2n ** 53n - 1n]),
          serial: draw.bytes(16),
        },
        revocation: { revokedAtMs: draw.oneOf([0n, 1_790_000_000_000n]) },
        pairing: {
          secret: draw.bytes(32),
          registrationKey: `lmk_${draw.id(43)}`,
          workerId: draw.id(draw.oneOf([1, 26, 64])),
          compositeKey: draw.bytes(1664),
        },
      }),
    );
  });
  return { spec: "protocol.md §7", version: 1, vectors };
}

function drawInputs(draw: Draw, seed: string, index: number): HandshakeInputs {
  const postQuantum = index % 2 === 0;
  return {
    label: `generated-${seed}-${index + 1}`,
    mode: postQuantum ? "post-quantum" : "classic",
    workerId: draw.id(draw.oneOf([1, 16, 64])),
    channelId: draw.id(draw.oneOf([1, 22, 64])),
    worker: {
      x25519Private: draw.bytes(32),
      mlKemSeed: draw.bytes(64),
      slhDsaSeed: draw.bytes(96),
    },
    initiator: {
      ephemeralPrivate: draw.bytes(32),
      mlKemEncapsRandomness: draw.bytes(postQuantum ? 32 : 0),
    },
    responder: { ephemeralPrivate: draw.bytes(32) },
    transport: {
      direction: draw.oneOf(["client_to_worker", "worker_to_client"]),
      nonce: draw.oneOf([0, 1, 255, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2]),
      flags: draw.oneOf([0, 1]),
      correlationId: draw.oneOf([0n, 1n, 2n ** 32n, 2n ** 53n - 1n]),
      plaintext: draw.bytes(draw.oneOf([0, 1, 63, 64, 65, 1000])),
    },
    rekey: { secret: draw.bytes(postQuantum ? 64 : 32) },
  };
}

interface Draw {
  bytes(length: number): Uint8Array;
  id(length: number): string;
  oneOf<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
}

/** BLAKE2b of seed and counter, as far as needed. */
function makeDraw(seed: string): Draw {
  let counter = 0;

  function bytes(length: number): Uint8Array {
    const drawn = new Uint8Array(length);
    for (let at = 0; at < length; at += 64) {
      const block = blake2b(Buffer.from(`leapmux vectors ${seed} ${counter++}`), { dkLen: 64 });
      drawn.set(block.subarray(0, length - at), at);
    }
    return drawn;
  }

  return {
    bytes,
    id: (length) => Buffer.from(bytes(length)).toString("base64url").slice(0, length),
    oneOf(choices) {
      const [first] = choices;
      return choices[(bytes(1)[0] ?? 0) % choices.length] ?? first;
    },
  };
}

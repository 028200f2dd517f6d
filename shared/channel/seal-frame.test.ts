import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { flagLast, flagMore, type Frame } from "../envelope/frame.ts";
import { hardNonceLimit, maxChunkBytes, maxKeyAgeMs } from "../limits/limits.ts";
import { noblePrimitives as primitives } from "../noise/noble-primitives.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { makeCipherKey } from "./cipher-key.ts";
import { makeFrameOpener } from "./open-frame.ts";
import { makeFrameSealer } from "./seal-frame.ts";

const keyBytes = () => new Uint8Array(32).fill(9);

function makePair(firstNonce = 0) {
  const clock = makeManualClock();
  const sealKey = makeCipherKey({ key: keyBytes(), clock, firstNonce });
  const openKey = makeCipherKey({ key: keyBytes(), clock, firstNonce });
  return {
    clock,
    sealKey,
    openKey,
    seal: makeFrameSealer({ primitives, channelId: "channel", key: sealKey }),
    open: makeFrameOpener({ primitives, key: openKey }),
  };
}

function sealed(pair: ReturnType<typeof makePair>, flags = flagLast, id = 5n, size = 3): Frame {
  const result = pair.seal(id, flags, new Uint8Array(size).fill(1));
  if (!result.ok) throw new Error(result.reason);
  return result.frame;
}

test("nonce and associated data are those of the protocol", () => {
  const pair = makePair(0x01020304);
  const { ciphertext } = sealed(pair, flagMore, 0x1122334455667788n);
  const nonce = Uint8Array.of(0, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0);
  const ad = Uint8Array.of(1, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88);
  const plaintext = chacha20poly1305(keyBytes(), nonce, ad).decrypt(ciphertext);
  expect(plaintext).toEqual(Uint8Array.of(1, 1, 1));
});

test("what is sealed opens, in order", () => {
  const pair = makePair();
  for (const size of [0, 1, maxChunkBytes]) {
    const opened = pair.open(sealed(pair, flagLast, 7n, size));
    expect(opened).toEqual({ ok: true, chunk: new Uint8Array(size).fill(1) });
  }
});

test("property: any change of a frame makes it fail, and the channel for ever", () => {
  fc.assert(
    fc.property(fc.nat(18), fc.integer({ min: 1, max: 255 }), fc.nat(3), (at, flip, what) => {
      const pair = makePair();
      const frame = sealed(pair);
      const next = sealed(pair);
      const ciphertext = frame.ciphertext.slice();
      ciphertext[at] = (ciphertext[at] ?? 0) ^ flip;
      const changed: Frame[] = [
        { ...frame, ciphertext },
        { ...frame, flags: flagMore },
        { ...frame, correlationId: frame.correlationId + BigInt(flip) },
        { ...frame, ciphertext: frame.ciphertext.subarray(0, at) },
      ];
      const failed = { ok: false, reason: "decrypt_failed" };
      expect(pair.open(changed[what] ?? frame)).toEqual(failed);
      expect(pair.open(frame)).toEqual(failed);
      expect(pair.open(next)).toEqual(failed);
      expect(pair.openKey.bytes).toEqual(new Uint8Array(32));
    }),
  );
});

test("replayed and skipped frames fail", () => {
  const replay = makePair();
  const frame = sealed(replay);
  expect(replay.open(frame).ok).toBe(true);
  expect(replay.open(frame)).toEqual({ ok: false, reason: "decrypt_failed" });
  const skip = makePair();
  sealed(skip);
  expect(skip.open(sealed(skip))).toEqual({ ok: false, reason: "decrypt_failed" });
});

test("at the hard nonce limit both directions refuse", () => {
  const pair = makePair(hardNonceLimit - 1);
  expect(pair.open(sealed(pair)).ok).toBe(true);
  const exhausted = { ok: false, reason: "nonce_exhausted" };
  expect(pair.seal(1n, flagLast, new Uint8Array(1))).toEqual(exhausted);
  const late = makePair(hardNonceLimit - 1);
  expect(pair.open(sealed(late))).toEqual(exhausted);
});

test("a key of 70 minutes is refused, one of a millisecond less is not", () => {
  const pair = makePair();
  const waiting = sealed(pair);
  pair.clock.advance(maxKeyAgeMs - 1);
  expect(pair.open(waiting).ok).toBe(true);
  const last = sealed(pair);
  pair.clock.advance(1);
  expect(pair.open(last)).toEqual({ ok: false, reason: "key_too_old" });
  expect(pair.seal(1n, flagLast, new Uint8Array(1))).toEqual({ ok: false, reason: "key_too_old" });
});

test("a switched key starts at nonce 0 and age 0, and the old one is gone", () => {
  const pair = makePair(100);
  const old = pair.sealKey.bytes;
  pair.clock.advance(1_000);
  pair.sealKey.switchTo(keyBytes());
  expect(old).toEqual(new Uint8Array(32));
  expect(pair.sealKey.nonce).toBe(0);
  expect(pair.sealKey.ageMs()).toBe(0);
  expect(pair.open(sealed(pair)).ok).toBe(false);
});

import type { Primitives } from "./primitives.ts";

/** HKDF with two outputs of 64 bytes (Noise §4.3). The caller zeroes what it does not keep. */
export function hkdf(
  primitives: Primitives,
  chainingKey: Uint8Array,
  inputKeyMaterial: Uint8Array,
): [Uint8Array, Uint8Array] {
  const temporaryKey = primitives.hmacBlake2b512(chainingKey, inputKeyMaterial);
  const first = primitives.hmacBlake2b512(temporaryKey, Uint8Array.of(1));
  const input = new Uint8Array(first.length + 1);
  input.set(first);
  input[first.length] = 2;
  const second = primitives.hmacBlake2b512(temporaryKey, input);
  temporaryKey.fill(0);
  input.fill(0);
  return [first, second];
}

/**
 * X25519 public keys for which every private key gives the same, known result (RFC 7748 §6.1 and the
 * list that curve libraries test with), in their canonical and other encodings. Computed from the field
 * prime p = 2^255 - 19 and the two points of order eight.
 */
const p = 2n ** 255n - 19n;
const order8a = 325606250916557431795983626356110631294008115727848805560023387167927233504n;
const order8b = 39382357235489614581723060781553021112529911719440698176882885853963445705823n;

export interface LowOrderPoint {
  readonly name: string;
  readonly point: Uint8Array;
}

export const lowOrderPoints: readonly LowOrderPoint[] = [
  { name: "0", point: encode(0n) },
  { name: "1", point: encode(1n) },
  { name: "order 8, first", point: encode(order8a) },
  { name: "order 8, second", point: encode(order8b) },
  { name: "p - 1", point: encode(p - 1n) },
  { name: "p", point: encode(p) },
  { name: "p + 1", point: encode(p + 1n) },
  // The top bit is to be ignored, so these are the first ones again.
  { name: "0 with the top bit", point: encode(2n ** 255n) },
  { name: "1 with the top bit", point: encode(2n ** 255n + 1n) },
];

function encode(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}

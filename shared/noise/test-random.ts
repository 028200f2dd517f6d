import { blake2b } from "@noble/hashes/blake2.js";
import type { Random } from "../platform/platform.ts";

/** For tests: BLAKE2b of seed and counter, so that a failure comes again with the next run. */
export function makeTestRandom(seed: string | number): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 64) {
      counter += 1;
      const block = blake2b(new TextEncoder().encode(`${seed} ${counter}`), { dkLen: 64 });
      bytes.set(block.subarray(0, length - at), at);
    }
    return bytes;
  };
}

/**
 * Random and mutated bytes from one seed, quickly: a million inputs have to fit into a minute. Mutations
 * start from valid inputs, because those reach the places behind the first check.
 */

export interface RandomInputs {
  /** 0 ≤ n < below. */
  below(below: number): number;
  pick<T>(values: readonly T[]): T;
  bytes(maxBytes: number): Uint8Array;
  text(maxLength: number): string;
  /** One of the valid inputs, changed once or a few times. */
  mutate(valid: readonly Uint8Array[]): Uint8Array;
  mutateText(valid: readonly string[]): string;
}

const interestingBytes = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x08, 0x10, 0x18, 0x22, 0x8a];
const interestingText = [
  ..."\0\n\r\t /\\:@[]%?#.,;=&-_~*\"'<>",
  "..",
  "//",
  "%2f",
  "%00",
  "::",
  "[::1]",
  "\u202e",
  "\ud800",
  "\u{1f600}",
  "e\u0301",
  "localhost",
  "null",
  "undefined",
  "__proto__",
];

export function makeRandomInputs(seed: number): RandomInputs {
  // xorshift128, seeded by splitmix32.
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  const uint32 = (): number => {
    const t = a ^ (a << 11);
    [a, b, c] = [b, c, d];
    d = d ^ (d >>> 19) ^ (t ^ (t >>> 8));
    return d >>> 0;
  };
  const below = (limit: number): number => (limit <= 1 ? 0 : uint32() % limit);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[below(values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  };
  const bytes = (maxBytes: number): Uint8Array => {
    const made = new Uint8Array(below(maxBytes + 1));
    for (let index = 0; index < made.length; index += 1) made[index] = uint32();
    return made;
  };
  const text = (maxLength: number): string => {
    let made = "";
    for (let left = below(maxLength + 1); left > 0; left -= 1) {
      made +=
        below(3) === 0
          ? pick(interestingText)
          : String.fromCharCode(below(4) ? below(128) : uint32() & 0xffff);
    }
    return made;
  };

  const change = (input: Uint8Array, valid: readonly Uint8Array[]): Uint8Array => {
    const at = below(input.length + 1);
    const to = Math.min(input.length, at + 1 + below(below(4) === 0 ? 64 : 4));
    switch (below(8)) {
      case 0: {
        const copy = input.slice();
        if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
        return copy;
      }
      case 1: {
        const copy = input.slice();
        if (at < copy.length) copy[at] = pick(interestingBytes);
        return copy;
      }
      case 2:
        return input.slice(0, at);
      case 3:
        return join(input.subarray(0, at), input.subarray(to));
      case 4:
        return join(input.subarray(0, to), input.subarray(at));
      case 5:
        return join(input.subarray(0, at), bytes(12), input.subarray(at));
      case 6:
        // A length that promises far more than there is.
        return join(
          input.subarray(0, at),
          Uint8Array.of(0xff, 0xff, 0xff, 0xff, below(256)),
          input.subarray(to),
        );
      default:
        return join(input.subarray(0, at), pick(valid).subarray(below(16)));
    }
  };

  const changeText = (input: string, valid: readonly string[]): string => {
    const at = below(input.length + 1);
    switch (below(6)) {
      case 0:
        return input.slice(0, at) + pick(interestingText) + input.slice(at);
      case 1:
        return input.slice(0, at) + input.slice(at + 1 + below(3));
      case 2:
        return input.slice(0, at) + pick(valid).slice(below(8));
      case 3:
        return below(2) ? input.toUpperCase() : input.repeat(1 + below(3));
      case 4:
        return input.slice(0, at) + text(6) + input.slice(at);
      default:
        return input.slice(0, at) + String.fromCharCode(uint32() & 0xffff) + input.slice(at + 1);
    }
  };

  return {
    below,
    pick,
    bytes,
    text,
    mutate(valid) {
      let input = pick(valid);
      for (let times = 1 + below(4); times > 0; times -= 1) input = change(input, valid);
      return input;
    },
    mutateText(valid) {
      let input = pick(valid);
      for (let times = 1 + below(3); times > 0; times -= 1) input = changeText(input, valid);
      return input;
    },
  };
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Field numbers of `leapmux.sealed.v1.Message` and its CallStart: where a call's data may stand. */
const callStart = 16;
const data = 17;
const dataOfCallStart = 4;

/**
 * Bytes of an encoded message that are not the data of a call: what decoding turns into objects, many times
 * their size. Reads tags and lengths only. Infinity for what cannot be read so.
 */
export function measureEnvelope(bytes: Uint8Array): number {
  return measureFields(bytes, 0, bytes.length, false);
}

function measureFields(bytes: Uint8Array, from: number, end: number, isCallStart: boolean): number {
  let envelopeBytes = end - from;
  let at = from;

  /** Below 2^53; the upper bits of longer ones, which no length may have, are only skipped. */
  function readVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 70 && at < end; shift += 7) {
      const byte = bytes[at++] ?? 0;
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      else if ((byte & 0x7f) !== 0) value = Infinity;
      if (byte < 0x80) return value;
    }
    return NaN;
  }

  while (at < end) {
    const tag = readVarint();
    const field = Math.floor(tag / 8);
    let length = 0;
    switch (tag % 8) {
      case 0:
        if (Number.isNaN(readVarint())) return Infinity;
        continue;
      case 1:
        length = 8;
        break;
      case 2:
        length = readVarint();
        break;
      case 5:
        length = 4;
        break;
      default:
        // Groups, which nobody writes any more, and what is no tag.
        return Infinity;
    }
    if (!(length <= end - at)) return Infinity;
    if (field === (isCallStart ? dataOfCallStart : data)) {
      envelopeBytes -= length;
    } else if (field === callStart && !isCallStart) {
      envelopeBytes -= length - measureFields(bytes, at, at + length, true);
    }
    at += length;
  }
  return envelopeBytes;
}

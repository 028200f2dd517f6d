/** Where the data of a call and the grants of a claim may stand, by field number. */
interface BulkPlaces {
  readonly bulk: number | undefined;
  readonly nested: ReadonlyMap<number, BulkPlaces>;
}

/** `leapmux.sealed.v1.Message`: UserIdClaim.grants, CallStart.data, data. */
const places: BulkPlaces = {
  bulk: 17,
  nested: new Map([
    [1, { bulk: 4, nested: new Map() }],
    [16, { bulk: 4, nested: new Map() }],
  ]),
};

/**
 * Bytes of an encoded message that are neither the data of a call nor the grants of a claim: what decoding turns
 * into objects, many times their size. Reads tags and lengths only. Infinity for what cannot be read so.
 */
export function measureEnvelope(bytes: Uint8Array): number {
  return measureFields(bytes, 0, bytes.length, places);
}

function measureFields(bytes: Uint8Array, from: number, end: number, known: BulkPlaces): number {
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
    const nested = known.nested.get(field);
    if (field === known.bulk) envelopeBytes -= length;
    else if (nested) envelopeBytes -= length - measureFields(bytes, at, at + length, nested);
    at += length;
  }
  return envelopeBytes;
}

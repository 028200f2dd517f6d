const blockBytes = 64 * 1024;

/**
 * The newest output of a terminal as raw bytes, by offset since its epoch. What was appended never
 * changes, so reads are views into it; old blocks go when nobody may still want them.
 */
export interface OutputLog {
  /** Offset of the oldest byte that is still here. */
  readonly start: number;
  /** Offset of the next byte. */
  readonly end: number;
  append(bytes: Uint8Array): void;
  /** Up to `maxBytes` from `offset`, which must lie within [start, end]. Empty at the end. */
  read(offset: number, maxBytes: number): Uint8Array;
  /** Keeps at least `keepBytes` and everything from `neededFrom` on. */
  trim(keepBytes: number, neededFrom: number): void;
}

export function makeOutputLog(): OutputLog {
  /** All blocks but the last are full, so that an offset finds its block by division. */
  let blocks: Uint8Array[] = [];
  let start = 0;
  let end = 0;

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    append(bytes) {
      let taken = 0;
      while (taken < bytes.length) {
        const used = (end - start) % blockBytes;
        if (used === 0) blocks.push(new Uint8Array(blockBytes));
        const block = blocks.at(-1);
        if (!block) return;
        const part = bytes.subarray(taken, taken + blockBytes - used);
        block.set(part, used);
        taken += part.length;
        end += part.length;
      }
    },
    read(offset, maxBytes) {
      const at = offset - start;
      const block = blocks[Math.floor(at / blockBytes)];
      if (!block || offset >= end || at < 0) return new Uint8Array(0);
      const from = at % blockBytes;
      const length = Math.min(maxBytes, blockBytes - from, end - offset);
      return block.subarray(from, from + length);
    },
    trim(keepBytes, neededFrom) {
      const keepFrom = Math.min(end - keepBytes, neededFrom);
      const gone = Math.floor((keepFrom - start) / blockBytes);
      if (gone <= 0) return;
      blocks = blocks.slice(gone);
      start += gone * blockBytes;
    },
  };
}

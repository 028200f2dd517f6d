/**
 * The input of one view that the worker has not confirmed. It is kept, within a bound, and sent again
 * after a loss from where the worker says it stands: every keystroke reaches the PTY exactly once.
 *
 *   0 ──confirmed── base ──kept, sent or to be sent── end
 */
export interface InputPart {
  /** Position of the first byte in the view's input. */
  readonly offset: bigint;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface InputTracker {
  /** Bytes of input in the view's life. */
  readonly end: bigint;
  /** Takes input; null when too much is unconfirmed already. Large input comes back in parts. */
  take(data: Uint8Array<ArrayBuffer>): InputPart[] | null;
  /** The worker confirmed everything before `offset`. False: it cannot have. */
  confirm(offset: bigint): boolean;
  /** What to send again after an attachment; null: worker and view do not fit together. */
  resume(accepted: bigint): InputPart[] | null;
}

export const maxUnconfirmedBytes = 1024 * 1024;
export const maxInputPartBytes = 16 * 1024;

export function makeInputTracker(): InputTracker {
  let base = 0n;
  let end = 0n;
  let kept: InputPart[] = [];

  function confirm(offset: bigint): boolean {
    if (offset < base) return true;
    if (offset > end) return false;
    base = offset;
    while (kept.length > 0) {
      const first = kept[0]!;
      const passed = Number(offset - first.offset);
      if (passed <= 0) break;
      if (passed < first.data.length) {
        kept[0] = { offset, data: first.data.subarray(passed) };
        break;
      }
      kept.shift();
    }
    return true;
  }

  return {
    get end() {
      return end;
    },
    take(data) {
      if (Number(end - base) + data.length > maxUnconfirmedBytes) return null;
      const parts: InputPart[] = [];
      for (let at = 0; at < data.length; at += maxInputPartBytes) {
        const part = { offset: end, data: data.subarray(at, at + maxInputPartBytes) };
        end += BigInt(part.data.length);
        parts.push(part);
      }
      kept.push(...parts);
      return parts;
    },
    confirm,
    resume(accepted) {
      // Before `base` lies what the worker confirmed once and has forgotten since.
      if (accepted < base || !confirm(accepted)) return null;
      kept = kept.filter((part) => part.data.length > 0);
      return [...kept];
    },
  };
}

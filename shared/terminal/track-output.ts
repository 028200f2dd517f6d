/**
 * Where this view stands in a terminal's output. Whatever the worker sends must go on exactly there;
 * anything else is an error and the view starts from a snapshot. Offsets count bytes.
 */
export interface OutputPosition {
  /** Changes when the numbering starts anew. */
  readonly epoch: string;
  readonly offset: bigint;
}

export interface OutputTracker {
  /** What to ask for at the next attachment; undefined: a snapshot. */
  readonly position: OutputPosition | undefined;
  /** False: the worker claims to go on from a place that we never named. */
  attach(resumed: boolean): boolean;
  /** `first`: the screen is to be emptied before this part is written. */
  snapshot(part: { position: OutputPosition | undefined; last: boolean }): {
    ok: boolean;
    first: boolean;
  };
  /** False: not the expected place. */
  output(offset: bigint, length: number): boolean;
  /** The screen no longer fits any position. */
  forget(): void;
}

/** `from`: where the screen stands already. */
export function makeOutputTracker(from?: OutputPosition): OutputTracker {
  let position = from;
  /** snapshot-due: nothing else may come. A view that lags too far gets a snapshot while it is live. */
  let phase: "detached" | "snapshot-due" | "snapshot" | "live" = "detached";

  return {
    get position() {
      return position;
    },
    attach(resumed) {
      if (!resumed) {
        phase = "snapshot-due";
        return true;
      }
      phase = "live";
      return position !== undefined;
    },
    snapshot(part) {
      const first = phase === "snapshot-due" || phase === "live";
      // From here on the screen is half drawn: a loss must lead to a new snapshot.
      position = undefined;
      if (phase === "detached") return { ok: false, first };
      phase = "snapshot";
      if (part.last) {
        if (!part.position || part.position.epoch === "") return { ok: false, first };
        position = part.position;
        phase = "live";
      }
      return { ok: true, first };
    },
    output(offset, length) {
      if (phase !== "live" || !position || position.offset !== offset) return false;
      position = { epoch: position.epoch, offset: offset + BigInt(length) };
      return true;
    },
    forget() {
      position = undefined;
      phase = "detached";
    },
  };
}

/** Bytes that xterm may hold unparsed before the stream is not read on, and where reading resumes. */
export const highWaterBytes = 256 * 1024;
export const lowWaterBytes = 64 * 1024;

export interface ScreenWriter {
  /** Resolves when the next message may be pulled from the stream: that pull is what grants credit. */
  write(data: Uint8Array): Promise<void>;
  /** Bytes handed over and not parsed yet. */
  readonly bytesInFlight: number;
  /** Lets a waiting writer go; for the end of the screen. */
  release(): void;
}

/**
 * Output on its way into xterm. xterm takes whatever it is given and grows slow beyond 500 kB, so a
 * screen that does not keep up stops the stream here and with it, by the credit window, the PTY.
 */
export function makeScreenWriter(
  writeScreen: (data: Uint8Array, parsed: () => void) => void,
): ScreenWriter {
  let bytesInFlight = 0;
  let released = false;
  let wake: (() => void) | undefined;

  function passed(length: number): void {
    bytesInFlight -= length;
    if (bytesInFlight <= lowWaterBytes) letGo();
  }
  function letGo(): void {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  }

  return {
    get bytesInFlight() {
      return bytesInFlight;
    },
    write(data) {
      if (released || data.length === 0) return Promise.resolve();
      bytesInFlight += data.length;
      writeScreen(data, () => passed(data.length));
      if (bytesInFlight < highWaterBytes) return Promise.resolve();
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    release() {
      released = true;
      letGo();
    },
  };
}

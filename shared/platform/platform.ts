/**
 * What `shared` takes from the runtime: time and randomness. Everything that needs them gets them
 * passed in, so that tests own the clock and nothing here differs between browser and Node.
 */

export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Runs once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

/** Fresh bytes from the platform's cryptographic generator. */
export type Random = (length: number) => Uint8Array;

/** Something that may be killed at any moment and must then have lost nothing. */
export interface FaultOperation {
  readonly name: string;
  /** Fills an empty directory with what the operation starts from; what it answers is given to the checks. */
  prepare(directory: string): Promise<unknown>;
  /** Everything up to the operation itself, which it answers. Runs in a process of its own, as does that. */
  start(directory: string): Promise<() => Promise<void>>;
  /** Throws unless everything is there, whatever the moment was at which the operation was killed. */
  check(directory: string, prepared: unknown): Promise<void>;
  /** After it was run once more, to its end: throws unless it has done what it is for. */
  checkDone(directory: string, prepared: unknown): Promise<void>;
}

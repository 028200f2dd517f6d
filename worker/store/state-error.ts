export type StateErrorCode = "unreadable" | "corrupt";

/** The worker's data directory cannot be used as it is; the message says what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

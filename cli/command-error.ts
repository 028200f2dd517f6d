/**
 * What a person did or has to do. `usage` ends with exit code 2 (the command line or the configuration
 * is wrong), `failure` with 1 (it was right, but could not be done). `next` names the next step.
 */
export class CommandError extends Error {
  readonly code: "usage" | "failure";
  readonly next: string | undefined;

  constructor(code: "usage" | "failure", message: string, next?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CommandError";
    this.code = code;
    this.next = next;
  }
}

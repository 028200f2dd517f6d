import { CommandError } from "../command-error.ts";

/** Somebody said no, and trying again will not help: to the login, to this device, or to a worker's key. */
export class RefusedError extends CommandError {
  override readonly name = "RefusedError";
  constructor(message: string, next?: string) {
    super("failure", message, next);
  }
}

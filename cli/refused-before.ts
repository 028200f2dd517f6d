import { CommandError } from "./command-error.ts";

/** A worker whose hub does not know its token any more: why it does not run, and both ways out. */
export function refusedBefore(hub: string, refusedState: string): CommandError {
  return new CommandError(
    "failure",
    `the hub at ${hub} does not know this worker any more: its keys and its token are set aside in ${refusedState}`,
    "Register it again with a new key from the hub: it keeps its keys and its words. A hub that has its database back knows it again once that file is renamed to state.json.",
  );
}

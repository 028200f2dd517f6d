import { type KeyPress, matchesChord } from "../ui/key-chord.ts";
import type { Action } from "./actions.ts";

/** Where a key was pressed decides whose it is. */
export interface KeyPlace {
  readonly inTerminal: boolean;
  /** A field for text that is not the terminal's. */
  readonly inField: boolean;
  readonly isMac: boolean;
}

/** The terminal keeps what a shell or a full-screen program may be waiting for. */
function belongsToShell(press: KeyPress, mac: boolean): boolean {
  if (mac && press.metaKey) return false;
  return !(press.shiftKey && (press.altKey || press.ctrlKey));
}

/** Whose key it is, whether or not the action can be done now: what is ours is never typed into a shell. */
export function findAction(
  all: readonly Action[],
  press: KeyPress,
  place: KeyPlace,
): Action | undefined {
  if (place.inTerminal && belongsToShell(press, place.isMac)) return undefined;
  const bare = !press.ctrlKey && !press.metaKey && !press.altKey;
  if (place.inField && bare) return undefined;
  return all.find(
    (action) =>
      !action.isHandledElsewhere &&
      action.keys.some((chord) => matchesChord(chord, press, place.isMac)),
  );
}

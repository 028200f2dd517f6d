import type { LiveTerminal } from "../workspace/live-terminals.ts";

/**
 * Terminals that go on running although no tab shows them: the hub lost its data, or a page went away
 * between closing the tab and ending the terminal. Undefined while that cannot be known: what a workspace
 * that was not looked at yet shows is not lost. Nothing is ever ended for being found here, since a hub that
 * lies can hide tabs.
 */
export function findTabless<T extends Pick<LiveTerminal, "id">>(known: {
  /** Of one worker. */
  readonly terminals: readonly T[];
  /** The worker told all that it has. */
  readonly isComplete: boolean;
  /** The tabs of each workspace; undefined where they are not loaded. */
  readonly tabs: readonly (readonly { readonly id: string }[] | undefined)[];
  /** Its tab was closed here, and the worker is being told. */
  readonly isClosing: (terminalId: string) => boolean;
}): readonly T[] | undefined {
  const { terminals, isComplete, tabs, isClosing } = known;
  if (!isComplete || tabs.some((ofWorkspace) => ofWorkspace === undefined)) return undefined;
  const shown = new Set(tabs.flatMap((ofWorkspace) => ofWorkspace ?? []).map(({ id }) => id));
  return terminals.filter(({ id }) => !shown.has(id) && !isClosing(id));
}

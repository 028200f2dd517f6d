import { accountActions } from "./account-actions.ts";
import type { AppContext } from "./context.ts";
import { tabActions } from "./tab-actions.ts";
import { terminalActions } from "./terminal-actions.ts";
import { helpActions, viewActions } from "./view-actions.ts";
import { workerActions } from "./worker-actions.ts";
import { workspaceActions } from "./workspace-actions.ts";

/**
 * Everything that can be done, once: the palette lists it, the shortcuts sheet shows it, the key
 * handler looks it up, buttons and menus take their name and key from it.
 *
 * Keys. A terminal owns the keyboard: Ctrl+letter, Alt+letter and the function keys are the
 * shell's. Ours carry Alt+Shift (Option+Shift) or Mod+Shift, on a Mac also Command alone; browsers
 * take none of the Alt+Shift ones. The other keys of an action act only outside of the terminal.
 */
export interface Action {
  readonly id: string;
  readonly name: string;
  readonly group: "Terminal" | "Tabs" | "Workspaces" | "Workers" | "View" | "Account" | "Help";
  /** The first is the one that is shown. */
  readonly keys: readonly string[];
  /** A held key does it again and again. */
  readonly repeats?: boolean;
  /** The terminal or the browser acts on the key; listed so that people find it. */
  readonly isHandledElsewhere?: boolean;
  when(): boolean;
  run(): void;
}

export interface Actions {
  readonly all: readonly Action[];
  get(id: string): Action;
  /** The key to show for it. */
  keys(id: string): string | undefined;
  run(id: string): void;
}

export function makeActions(app: AppContext): Actions {
  const all = [
    ...terminalActions(app),
    ...tabActions(app),
    ...workspaceActions(app),
    ...workerActions(app),
    ...viewActions(app),
    ...accountActions(app),
    ...helpActions(app),
  ];
  const byId = new Map(all.map((action) => [action.id, action]));
  function get(id: string): Action {
    const action = byId.get(id);
    if (!action) throw new Error(`no action ${id}`);
    return action;
  }
  return {
    all,
    get,
    keys: (id) => get(id).keys[0],
    run(id) {
      const action = get(id);
      if (action.when()) action.run();
    },
  };
}

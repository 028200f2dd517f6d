import { leastFontSize, mostFontSize } from "../account/preferences.ts";
import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";

export function terminalActions(app: AppContext): Action[] {
  const group = "Terminal";
  const when = () => app.terminal() !== undefined;
  const ask = (id: string, name: string, keys: string[], run: () => void): Action => ({
    id,
    name,
    group,
    keys,
    when,
    run,
  });
  const setFontSize = (size: number) =>
    app.preferences.set({ fontSize: Math.max(leastFontSize, Math.min(size, mostFontSize)) });
  return [
    {
      id: "terminal.new",
      name: "New terminal",
      group,
      keys: ["Alt+Shift+T"],
      when: () => true,
      run: () => app.commands.newTerminal(likeCurrent(app)),
    },
    ask("terminal.search", "Search in the terminal", ["Alt+Shift+F", "Mod+Shift+F"], () =>
      app.terminal()?.openSearch(),
    ),
    {
      ...ask("terminal.copy", "Copy the selection", ["Mod+Shift+C"], () => app.terminal()?.copy()),
      isHandledElsewhere: true,
    },
    {
      ...ask("terminal.paste", "Paste", ["Mod+Shift+V"], () => app.terminal()?.paste()),
      isHandledElsewhere: true,
    },
    ask("terminal.clear", "Clear the screen and its history", ["Alt+Shift+K"], () =>
      app.terminal()?.clear(),
    ),
    ask("terminal.bottom", "Scroll to the bottom", ["Alt+Shift+End"], () =>
      app.terminal()?.scrollToBottom(),
    ),
    {
      ...ask("terminal.restart", "Start the shell again", [], () => app.terminal()?.restart()),
      when: () => when() && app.live.get(app.place().tabId ?? "")?.running === false,
    },
    ask("terminal.bigger", "Larger terminal font", ["Alt+Shift+="], () =>
      setFontSize(app.preferences.values.fontSize + 1),
    ),
    ask("terminal.smaller", "Smaller terminal font", ["Alt+Shift+-"], () =>
      setFontSize(app.preferences.values.fontSize - 1),
    ),
  ];
}

/** A new terminal starts where the one in front is. */
export function likeCurrent(app: AppContext): { likeTabId?: string } {
  const { tabId } = app.place();
  return tabId ? { likeTabId: tabId } : {};
}

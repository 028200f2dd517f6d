import { describeFailure } from "../workspace/describe-failure.ts";
import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";
import { focusNextArea } from "./focus-areas.ts";

const always = () => true;

export function viewActions(app: AppContext): Action[] {
  const group = "View";
  const { preferences } = app;
  const theme = (value: "system" | "light" | "dark", name: string): Action => ({
    id: `view.theme-${value}`,
    name,
    group,
    keys: [],
    when: () => preferences.values.theme !== value,
    run: () => preferences.set({ theme: value }),
  });
  return [
    {
      id: "view.sidebar",
      name: "Show or hide the sidebar",
      group,
      keys: ["Alt+Shift+B"],
      when: always,
      run: app.layout.toggleSidebar,
    },
    {
      id: "view.next-area",
      name: "Move the focus to the next area",
      group,
      keys: ["Alt+Shift+G", "F6"],
      repeats: true,
      when: always,
      run: () => focusNextArea(() => app.terminal()?.focus()),
    },
    theme("system", "Theme: as the system"),
    theme("light", "Theme: light"),
    theme("dark", "Theme: dark"),
    {
      id: "view.contrast",
      name: "Switch high contrast on or off",
      group,
      keys: [],
      when: always,
      run: () =>
        preferences.set({ contrast: preferences.values.contrast === "high" ? "system" : "high" }),
    },
    {
      id: "view.screen-reader",
      name: "Switch the terminal's screen-reader mode on or off",
      group,
      keys: [],
      when: always,
      run: () => preferences.set({ screenReader: !preferences.values.screenReader }),
    },
  ];
}

export function helpActions(app: AppContext): Action[] {
  const group = "Help";
  const open = (kind: "palette" | "shortcuts" | "preferences" | "about") => () =>
    app.dialogs.open({ kind });
  return [
    {
      id: "app.palette",
      name: "Find a command",
      group,
      keys: ["Mod+Shift+P", "Mod+K", "Alt+Shift+P"],
      when: always,
      run: open("palette"),
    },
    {
      id: "app.shortcuts",
      name: "Keyboard shortcuts",
      group,
      keys: ["Alt+Shift+/", "Mod+/", "?"],
      when: always,
      run: open("shortcuts"),
    },
    {
      id: "app.preferences",
      name: "Preferences…",
      group,
      keys: ["Alt+Shift+,", "Mod+,"],
      when: always,
      run: open("preferences"),
    },
    {
      id: "app.about",
      name: "About LeapMux…",
      group,
      keys: [],
      when: always,
      run: open("about"),
    },
    {
      id: "app.retry",
      name: "Try the connection now",
      group,
      keys: [],
      when: () => app.hub.link().kind !== "online",
      run: () => {
        app.hub.retryNow();
        app.load().catch((error: unknown) => {
          // While the link is away its banner says so, and the next try loads again.
          if (app.hub.link().kind !== "online") return;
          app.toasts.show({ text: describeFailure(error), tone: "danger" });
        });
      },
    },
  ];
}

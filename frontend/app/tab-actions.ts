import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";

export function tabActions(app: AppContext): Action[] {
  const group = "Tabs";
  const tabs = () => app.tabs.of(app.place().workspaceId ?? "") ?? [];
  const current = () => tabs().findIndex((tab) => tab.id === app.place().tabId);
  const hasTab = () => current() >= 0;
  const show = (index: number) => {
    const tab = tabs()[index];
    if (tab) app.go({ workspaceId: tab.workspaceId, tabId: tab.id });
  };
  const step = (by: number) => show((current() + by + tabs().length) % tabs().length);
  const withTab = (run: (tabId: string) => void) => () => run(app.place().tabId ?? "");
  const several = () => tabs().length > 1;
  return [
    {
      id: "tab.close",
      name: "Close the tab",
      group,
      keys: ["Alt+Shift+W"],
      when: hasTab,
      run: withTab((id) => void app.commands.closeTab(id)),
    },
    {
      id: "tab.reopen",
      name: "Reopen the last closed tab",
      group,
      keys: ["Alt+Shift+Z"],
      when: app.commands.canReopen,
      run: app.commands.reopenTab,
    },
    {
      id: "tab.rename",
      name: "Rename the tab",
      group,
      keys: ["Alt+Shift+R", "F2"],
      when: hasTab,
      run: withTab((id) => app.layout.edit({ kind: "tab", id })),
    },
    {
      id: "tab.next",
      name: "Next tab",
      group,
      keys: ["Alt+Shift+]"],
      repeats: true,
      when: several,
      run: () => step(1),
    },
    {
      id: "tab.previous",
      name: "Previous tab",
      group,
      keys: ["Alt+Shift+["],
      repeats: true,
      when: several,
      run: () => step(-1),
    },
    {
      id: "tab.move-right",
      name: "Move the tab right",
      group,
      keys: ["Alt+Shift+ArrowRight"],
      repeats: true,
      when: several,
      run: withTab((id) => app.commands.moveTab(id, current() + 1)),
    },
    {
      id: "tab.move-left",
      name: "Move the tab left",
      group,
      keys: ["Alt+Shift+ArrowLeft"],
      repeats: true,
      when: several,
      run: withTab((id) => app.commands.moveTab(id, current() - 1)),
    },
    ...Array.from({ length: 9 }, (_, index): Action => {
      const last = index === 8;
      return {
        id: `tab.go-${index + 1}`,
        name: last ? "Go to the last tab" : `Go to tab ${index + 1}`,
        group,
        keys: [`Alt+Shift+${index + 1}`],
        when: () => (last ? hasTab() : tabs().length > index),
        run: () => show(last ? tabs().length - 1 : index),
      };
    }),
  ];
}

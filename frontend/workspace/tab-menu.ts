import TerminalIcon from "lucide-solid/icons/square-terminal";
import type { App } from "../app/use-app.ts";
import type { MenuEntry, MenuRequest } from "../ui/menu.tsx";
import { titleOf } from "./title-of.ts";

/** What can be done with one tab. */
export function tabMenu(
  app: App,
  tabId: string,
  anchor: Element | { x: number; y: number },
): MenuRequest {
  return { label: titleOf(app.live.get(tabId)), anchor, entries: entriesFor(app, tabId) };
}

/** All tabs of the workspace, then what can be done with the one in front; for a phone. */
export function tabSwitcherMenu(app: App, anchor: Element): MenuRequest {
  const { workspaceId = "", tabId = "" } = app.place();
  const tabs = app.tabs.of(workspaceId) ?? [];
  return {
    label: "Tabs",
    anchor,
    entries: [
      ...tabs.map((tab): MenuEntry => ({
        kind: "item",
        label: titleOf(app.live.get(tab.id)),
        icon: TerminalIcon,
        checked: tab.id === tabId,
        select: () => app.go({ workspaceId, tabId: tab.id }),
      })),
      { kind: "separator" },
      ...entriesFor(app, tabId),
    ],
  };
}

function entriesFor(app: App, tabId: string): MenuEntry[] {
  const tab = app.tabs.find(tabId);
  const tabs = app.tabs.of(tab?.workspaceId ?? "") ?? [];
  const index = tabs.findIndex((other) => other.id === tabId);
  const keys = (id: string) => app.actions.keys(id);
  return [
    {
      kind: "item",
      label: "Rename",
      keys: keys("tab.rename"),
      select: () => app.layout.edit({ kind: "tab", id: tabId }),
    },
    {
      kind: "item",
      label: "New terminal in the same directory",
      select: () =>
        app.commands.newTerminal({
          likeTabId: tabId,
          index: index + 1,
          ...(tab ? { workerId: tab.workerId } : {}),
        }),
    },
    {
      kind: "item",
      label: "Move left",
      keys: keys("tab.move-left"),
      disabled: index <= 0,
      select: () => app.commands.moveTab(tabId, index - 1),
    },
    {
      kind: "item",
      label: "Move right",
      keys: keys("tab.move-right"),
      disabled: index < 0 || index === tabs.length - 1,
      select: () => app.commands.moveTab(tabId, index + 1),
    },
    { kind: "separator" },
    {
      kind: "item",
      label: "Reopen the last closed tab",
      keys: keys("tab.reopen"),
      disabled: !app.commands.canReopen(),
      select: () => app.commands.reopenTab(),
    },
    {
      kind: "item",
      label: "Close",
      keys: keys("tab.close"),
      select: () => void app.commands.closeTab(tabId),
    },
  ];
}

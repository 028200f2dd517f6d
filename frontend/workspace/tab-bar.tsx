import ChevronDown from "lucide-solid/icons/chevron-down";
import Plus from "lucide-solid/icons/plus";
import { createEffect, createMemo, on, onCleanup, onMount, Show } from "solid-js";
import { likeCurrent } from "../app/terminal-actions.ts";
import { useApp } from "../app/use-app.ts";
import { IconButton } from "../ui/button.tsx";
import { openMenu } from "../ui/menu.tsx";
import { tabElementId, Tabs } from "../ui/tabs.tsx";
import { makeShellLists } from "./shell-menu.ts";
import { TabItem } from "./tab-item.tsx";
import { tabMenu, tabSwitcherMenu } from "./tab-menu.ts";
import "./tab-bar.css";

/** The terminals of the workspace; arrows walk through them, Alt+Shift+arrows carry one along. */
export function TabBar() {
  const app = useApp();
  const tabs = createMemo(() => app.tabs.of(app.place().workspaceId ?? "") ?? []);
  const selected = () => app.place().tabId;
  const shells = makeShellLists(app);

  function showSelected(): void {
    const id = selected();
    const element = id ? document.getElementById(tabElementId(id)) : null;
    element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  createEffect(on([selected, () => tabs().length], showSelected));

  let scroller: HTMLDivElement | undefined;
  onMount(() => {
    // The buttons beside it come and go, and the window changes.
    const sizes = new ResizeObserver(showSelected);
    if (scroller) sizes.observe(scroller);
    onCleanup(() => sizes.disconnect());
    // A wheel that only goes up and down walks along the row.
    const onWheel = (event: WheelEvent) => {
      if (!scroller || event.deltaX !== 0 || event.shiftKey) return;
      scroller.scrollLeft += event.deltaY;
    };
    scroller?.addEventListener("wheel", onWheel, { passive: true });
    onCleanup(() => scroller?.removeEventListener("wheel", onWheel));
  });

  function onTabKey(event: KeyboardEvent, id: string): void {
    const menuKey = event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
    if (event.key === "Delete") void app.commands.closeTab(id);
    else if (event.key === "Enter" || event.key === " ") app.terminal()?.focus();
    else if (menuKey) openMenu(tabMenu(app, id, event.currentTarget as Element));
    else return;
    event.preventDefault();
  }

  return (
    <div class="tab-bar" data-area="tabs">
      <div class="tab-scroll" ref={scroller}>
        <Tabs
          class="tab-list"
          label="Terminals"
          items={tabs()}
          idOf={(tab) => tab.id}
          selected={selected()}
          select={(tabId, by) => {
            const { workspaceId } = app.place();
            if (workspaceId) app.go({ workspaceId, tabId }, by === "keys" ? { focus: "stay" } : {});
          }}
          onTabKey={onTabKey}
        >
          {(tab, attributes) => <TabItem tab={tab} attributes={attributes} />}
        </Tabs>
      </div>
      <Show when={app.workspaces.find(app.place().workspaceId ?? "")}>
        <div class="tab-bar-buttons">
          <Show when={app.layout.isPhone() && tabs().length > 0}>
            <button
              type="button"
              class="icon-button tab-count"
              aria-label={`All ${tabs().length} tabs`}
              aria-haspopup="menu"
              onClick={(event) => openMenu(tabSwitcherMenu(app, event.currentTarget))}
            >
              <span>{tabs().length}</span>
            </button>
          </Show>
          <IconButton
            label="New terminal"
            keys={app.actions.keys("terminal.new")}
            icon={Plus}
            onClick={() => app.commands.newTerminal(likeCurrent(app))}
          />
          <Show when={!app.layout.isPhone()}>
            <IconButton
              class="shell-menu-button"
              label="New terminal with another shell"
              icon={ChevronDown}
              aria-haspopup="menu"
              onPointerEnter={() => shells.prefetch()}
              onClick={(event) => void shells.openMenu(event.currentTarget)}
            />
          </Show>
        </div>
      </Show>
    </div>
  );
}

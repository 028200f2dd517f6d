import TerminalIcon from "lucide-solid/icons/square-terminal";
import X from "lucide-solid/icons/x";
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Dot } from "../ui/badge.tsx";
import { Icon } from "../ui/icon.tsx";
import { InlineEdit } from "../ui/inline-edit.tsx";
import { openMenu } from "../ui/menu.tsx";
import type { TabAttributes } from "../ui/tabs.tsx";
import { type DropSide, makeTabDraggable } from "./drag-tab.ts";
import type { TabEntry } from "./tab-list.ts";
import { tabMenu } from "./tab-menu.ts";
import { titleOf } from "./title-of.ts";

const mostTitleLength = 128;
const mainButton = 0;
const middleButton = 1;

export function TabItem(props: { tab: TabEntry; attributes: () => TabAttributes }) {
  const app = useApp();
  // The entry may be replaced while it moves; its id never changes.
  const { id } = props.tab;
  const [dropSide, setDropSide] = createSignal<DropSide>();
  const terminal = () => app.live.get(id);
  const title = () => titleOf(terminal());
  const isSelected = () => props.attributes()["aria-selected"];
  const isExited = () => terminal()?.running === false;
  const rings = () => !isSelected() && app.live.rang(id);
  const isEdited = () => {
    const edited = app.layout.editing();
    return edited?.kind === "tab" && edited.id === id;
  };
  const name = () =>
    [title(), isExited() ? "ended" : "", rings() ? "rang" : ""].filter(Boolean).join(", ");
  const edit = () => app.layout.edit({ kind: "tab", id });
  let element!: HTMLDivElement;

  function select(): void {
    const { workspaceId } = app.place();
    if (!workspaceId) return;
    if (isSelected()) app.terminal()?.focus();
    else app.go({ workspaceId, tabId: id });
  }

  onMount(() =>
    onCleanup(
      makeTabDraggable({
        element,
        tabId: id,
        showSide: setDropSide,
        drop(draggedId, side) {
          const tabs = app.tabs.of(app.place().workspaceId ?? "") ?? [];
          const from = tabs.findIndex((tab) => tab.id === draggedId);
          const at = tabs.findIndex((tab) => tab.id === id) + (side === "after" ? 1 : 0);
          if (from >= 0) app.commands.moveTab(draggedId, from < at ? at - 1 : at);
          app.terminal()?.focus();
        },
      }),
    ),
  );

  return (
    <div
      ref={element}
      class="tab"
      role="presentation"
      data-selected={isSelected() ? "" : undefined}
      data-exited={isExited() ? "" : undefined}
      data-drop={dropSide()}
      data-tooltip={terminal()?.directory ? `${title()} (${terminal()?.directory})` : title()}
      onMouseDown={(event) => {
        // Otherwise the middle button scrolls, and the right one takes the keyboard from the terminal.
        if (event.button !== mainButton) event.preventDefault();
      }}
      onAuxClick={(event) => {
        if (event.button === middleButton) void app.commands.closeTab(id);
      }}
      onDblClick={edit}
      onContextMenu={(event) => {
        event.preventDefault();
        openMenu(tabMenu(app, id, { x: event.clientX, y: event.clientY }));
      }}
    >
      <Show
        when={!isEdited()}
        fallback={
          <InlineEdit
            label="Name of the tab"
            value={title()}
            placeholder="Named by the program"
            maxLength={mostTitleLength}
            save={(next) => {
              app.commands.renameTab(id, next);
              app.layout.edit(undefined);
              app.terminal()?.focus();
            }}
            cancel={() => {
              app.layout.edit(undefined);
              app.terminal()?.focus();
            }}
          />
        }
      >
        <button
          type="button"
          {...props.attributes()}
          class="tab-button"
          aria-label={name()}
          aria-keyshortcuts="Delete"
          onClick={select}
        >
          <Show when={rings()} fallback={<Icon of={TerminalIcon} size={14} />}>
            <span class="tab-bell">
              <Dot tone="accent" />
            </span>
          </Show>
          <bdi class="tab-title">{title()}</bdi>
        </button>
        {/* For the pointer; the keyboard has Delete, the key of the action and the menu. */}
        <span
          class="tab-close"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            void app.commands.closeTab(id);
          }}
          onDblClick={(event) => event.stopPropagation()}
        >
          <Icon of={X} size={14} />
        </span>
      </Show>
    </div>
  );
}

import Ellipsis from "lucide-solid/icons/ellipsis";
import Pencil from "lucide-solid/icons/pencil";
import Plus from "lucide-solid/icons/plus";
import Trash from "lucide-solid/icons/trash";
import { For, Show } from "solid-js";
import { formatPlace } from "../app/place.ts";
import { useApp } from "../app/use-app.ts";
import { Dot } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { InlineEdit } from "../ui/inline-edit.tsx";
import { ListRow } from "../ui/list-row.tsx";
import { openMenu } from "../ui/menu.tsx";
import { Skeleton } from "../ui/progress.tsx";
import type { WorkspaceEntry } from "./workspace-list.ts";

const mostTitleLength = 128;
/** About what the sidebar has room for. */
const longTitleLength = 24;

export function WorkspaceSection() {
  const app = useApp();
  return (
    <section aria-labelledby="workspaces-head">
      <div class="sidebar-section-head">
        <h2 id="workspaces-head">Workspaces</h2>
        <IconButton
          label="New workspace"
          keys={app.actions.keys("workspace.new")}
          icon={Plus}
          onClick={() => app.actions.run("workspace.new")}
        />
      </div>
      <Show when={app.workspaces.loaded()} fallback={<Skeleton lines={2} />}>
        <ul class="sidebar-list">
          <For each={app.workspaces.all}>
            {(workspace) => (
              <li>
                <WorkspaceRow workspace={workspace} />
              </li>
            )}
          </For>
        </ul>
        <Show when={app.workspaces.all.length === 0}>
          <p class="sidebar-hint">None yet. Make one with +.</p>
        </Show>
      </Show>
    </section>
  );
}

function WorkspaceRow(props: { workspace: WorkspaceEntry }) {
  const app = useApp();
  const id = () => props.workspace.id;
  const isCurrent = () => app.place().workspaceId === id();
  const isEdited = () => {
    const edited = app.layout.editing();
    return edited?.kind === "workspace" && edited.id === id();
  };
  const rings = () => app.live.inWorkspace(id()).some((terminal) => app.live.rang(terminal.id));

  const needsTooltip = () =>
    app.layout.isSidebarCollapsed() || props.workspace.title.length > longTitleLength;

  function edit(): void {
    if (app.layout.isSidebarCollapsed()) app.layout.toggleSidebar();
    app.layout.edit({ kind: "workspace", id: id() });
  }
  function showMenu(anchor: Element | { x: number; y: number }): void {
    openMenu({
      label: `Workspace ${props.workspace.title}`,
      anchor,
      entries: [
        { kind: "item", label: "Rename", icon: Pencil, keys: "F2", select: edit },
        {
          kind: "item",
          label: "Delete…",
          icon: Trash,
          danger: true,
          select: () => app.dialogs.open({ kind: "delete-workspace", workspaceId: id() }),
        },
      ],
    });
  }

  return (
    <ListRow
      href={isEdited() ? undefined : formatPlace({ workspaceId: id() })}
      name={`${props.workspace.title}${rings() ? ", a terminal rang" : ""}`}
      current={isCurrent()}
      data-tooltip={needsTooltip() ? props.workspace.title : undefined}
      onDblClick={edit}
      onContextMenu={(event) => {
        event.preventDefault();
        showMenu({ x: event.clientX, y: event.clientY });
      }}
      onKeyDown={(event) => {
        if (event.key !== "F2" || isEdited()) return;
        event.stopPropagation();
        edit();
      }}
      lead={
        <span class="sidebar-mark" aria-hidden="true">
          {[...props.workspace.title][0] ?? "?"}
        </span>
      }
      label={
        <Show when={isEdited()} fallback={<bdi>{props.workspace.title}</bdi>}>
          <InlineEdit
            label="Name of the workspace"
            value={props.workspace.title}
            maxLength={mostTitleLength}
            save={(title) => {
              app.layout.edit(undefined);
              app.commands.renameWorkspace(id(), title);
            }}
            cancel={() => app.layout.edit(undefined)}
          />
        </Show>
      }
      trail={
        <Show when={rings() && !isCurrent()}>
          <Dot tone="accent" />
        </Show>
      }
      actions={
        <Show when={!isEdited()}>
          <IconButton
            label={`More for ${props.workspace.title}`}
            icon={Ellipsis}
            aria-haspopup="menu"
            onClick={(event) => showMenu(event.currentTarget)}
          />
        </Show>
      }
    />
  );
}

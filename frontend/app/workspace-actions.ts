import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";

export function workspaceActions(app: AppContext): Action[] {
  const group = "Workspaces";
  const current = () =>
    app.workspaces.all.findIndex((workspace) => workspace.id === app.place().workspaceId);
  const has = () => current() >= 0;
  const several = () => app.workspaces.all.length > 1;
  const step = (by: number) => {
    const { length } = app.workspaces.all;
    const next = app.workspaces.all[(current() + by + length) % length];
    if (next) app.go({ workspaceId: next.id });
  };
  const here = () => app.place().workspaceId ?? "";
  return [
    {
      id: "workspace.new",
      name: "New workspace",
      group,
      keys: ["Alt+Shift+N"],
      when: () => true,
      run: () => void app.commands.newWorkspace(),
    },
    {
      id: "workspace.rename",
      name: "Rename the workspace",
      group,
      keys: [],
      when: has,
      run: () => {
        if (app.layout.isSidebarCollapsed()) app.layout.toggleSidebar();
        app.layout.edit({ kind: "workspace", id: here() });
      },
    },
    {
      id: "workspace.delete",
      name: "Delete the workspace…",
      group,
      keys: [],
      when: has,
      run: () => app.dialogs.open({ kind: "delete-workspace", workspaceId: here() }),
    },
    {
      id: "workspace.next",
      name: "Next workspace",
      group,
      keys: ["Alt+Shift+ArrowDown"],
      when: several,
      run: () => step(1),
    },
    {
      id: "workspace.previous",
      name: "Previous workspace",
      group,
      keys: ["Alt+Shift+ArrowUp"],
      when: several,
      run: () => step(-1),
    },
  ];
}

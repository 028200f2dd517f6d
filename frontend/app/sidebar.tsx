import Keyboard from "lucide-solid/icons/keyboard";
import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone";
import PanelLeft from "lucide-solid/icons/panel-left";
import Search from "lucide-solid/icons/search";
import Settings from "lucide-solid/icons/settings-2";
import { createEffect, on, Show } from "solid-js";
import { IconButton } from "../ui/button.tsx";
import { makePart } from "../ui/part.tsx";
import { WorkerSection } from "../workers/worker-section.tsx";
import { WorkspaceSection } from "../workspace/workspace-section.tsx";
import type { Action } from "./actions.ts";
import { useApp } from "./use-app.ts";
import "./sidebar.css";

const AccountButton = makePart(
  async () => (await import("../account/account-button.tsx")).AccountButton,
  "asked",
);

/** Workspaces above, workers below; 44 px of marks when collapsed, an overlay on a phone. */
export function Sidebar() {
  const app = useApp();
  const { layout } = app;
  const collapsed = layout.isSidebarCollapsed;
  const hidden = () => layout.isPhone() && collapsed();
  let element: HTMLElement | undefined;

  // On a phone the overlay takes the focus, gives it back, and leaves when something was chosen.
  let before: Element | null = null;
  createEffect(
    on(hidden, (isHidden, was) => {
      if (!layout.isPhone() || was === undefined || was === isHidden) return;
      if (!isHidden) {
        before = document.activeElement;
        element?.querySelector<HTMLElement>("[aria-current=page], a, button")?.focus();
      } else if (before instanceof HTMLElement) before.focus();
    }),
  );
  createEffect(
    on(app.place, () => {
      if (layout.editing()?.kind !== "workspace") layout.closeSidebarOverlay();
    }),
  );

  const button = (id: string, icon: typeof Search) => {
    const action: Action = app.actions.get(id);
    return (
      <IconButton
        label={action.name.replace("…", "")}
        keys={action.keys[0]}
        icon={icon}
        onClick={() => {
          layout.closeSidebarOverlay();
          app.actions.run(id);
        }}
      />
    );
  };

  return (
    <>
      <Show when={layout.isPhone() && !collapsed()}>
        <div class="sidebar-scrim" onClick={layout.closeSidebarOverlay} />
      </Show>
      <nav
        ref={element}
        class="sidebar"
        classList={{ "sidebar-collapsed": collapsed() && !layout.isPhone() }}
        data-area="sidebar"
        aria-label="Workspaces and workers"
        inert={hidden()}
        hidden={hidden()}
        onKeyDown={(event) => {
          if (event.key === "Escape" && layout.isPhone()) layout.closeSidebarOverlay();
        }}
      >
        <div class="sidebar-head">
          <span class="sidebar-brand" aria-hidden="true">
            LeapMux
          </span>
          {button("app.palette", Search)}
          <IconButton
            label={collapsed() ? "Show the sidebar" : "Hide the sidebar"}
            keys={app.actions.keys("view.sidebar")}
            icon={PanelLeft}
            aria-expanded={!collapsed()}
            onClick={layout.toggleSidebar}
          />
        </div>
        <div class="sidebar-scroll">
          <WorkspaceSection />
          <WorkerSection />
        </div>
        <div class="sidebar-foot">
          <Show when={app.account() && !app.isSolo()}>
            <AccountButton collapsed={collapsed() && !layout.isPhone()} />
          </Show>
          <Show when={app.actions.get("devices.show").when()}>
            {button("devices.show", MonitorSmartphone)}
          </Show>
          {button("app.preferences", Settings)}
          {button("app.shortcuts", Keyboard)}
        </div>
      </nav>
    </>
  );
}

import { Match, Show, Switch } from "solid-js";
import PanelLeft from "lucide-solid/icons/panel-left";
import Plus from "lucide-solid/icons/plus";
import TerminalIcon from "lucide-solid/icons/square-terminal";
import Unplug from "lucide-solid/icons/unplug";
import { Button, IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { makePart } from "../ui/part.tsx";
import { Waiting } from "../ui/progress.tsx";
import { TabBar } from "../workspace/tab-bar.tsx";
import { TabPanes } from "../workspace/tab-panes.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { ExposedWarning } from "./exposed-warning.tsx";
import { Sidebar } from "./sidebar.tsx";
import { StatusLine } from "./status-line.tsx";
import { useApp } from "./use-app.ts";
import "./shell.css";

const TerminalKeyRow = makePart(
  async () => (await import("../terminal/terminal-key-row.tsx")).TerminalKeyRow,
);

const DeviceNotice = makePart(
  async () => (await import("../workers/device-notice.tsx")).DeviceNotice,
  "asked",
);

/** The window: warning, sidebar, tabs over the content, status line. */
export function Shell() {
  const app = useApp();
  const { layout } = app;
  return (
    <div class="shell">
      <ExposedWarning />
      <div class="shell-middle">
        <Sidebar />
        <main class="shell-content" inert={layout.isPhone() && !layout.isSidebarCollapsed()}>
          <div class="shell-head">
            <Show when={layout.isPhone()}>
              <IconButton
                label="Workspaces and workers"
                icon={PanelLeft}
                aria-expanded={!layout.isSidebarCollapsed()}
                onClick={layout.toggleSidebar}
              />
            </Show>
            <TabBar />
          </div>
          <div class="shell-stage">
            <ConnectionBanner />
            <TabPanes />
            <Emptiness />
            <Show when={app.devices.parts()}>
              {(parts) => <DeviceNotice devices={parts().devices} />}
            </Show>
          </div>
          <Show when={layout.isPhone() && app.terminal()}>
            {(api) => <TerminalKeyRow api={api()} />}
          </Show>
        </main>
      </div>
      <StatusLine />
    </div>
  );
}

/** What stands where no terminal is, and what to do about it. */
function Emptiness() {
  const app = useApp();
  const ready = () => app.workspaces.loaded() && app.workers.loaded();
  const workspace = () => app.workspaces.find(app.place().workspaceId ?? "");
  const tabs = () => app.tabs.of(app.place().workspaceId ?? "");
  const someOnline = () => app.workers.all.some((worker) => worker.online);
  function whereTerminalsRun(): string {
    if (someOnline()) return "A terminal runs on the worker and is still there when you come back.";
    const [first, ...others] = app.workers.all;
    if (!first) return "Terminals run on workers: machines of yours that you register here.";
    if (others.length > 0)
      return "Terminals run on workers. None of yours is linked at the moment.";
    return `“${first.name}” is offline. As soon as it is back, you can go on here.`;
  }

  return (
    <Switch>
      <Match when={!ready() && app.hub.link().kind !== "waiting"}>
        <div class="shell-center">
          <Waiting label="Loading" sentence="Waiting for the hub to answer." />
        </div>
      </Match>
      <Match when={!ready()}>
        <EmptyState icon={Unplug} title="The hub cannot be reached">
          <Button variant="primary" onClick={() => app.actions.run("app.retry")}>
            Try now
          </Button>
        </EmptyState>
      </Match>
      <Match when={app.workspaces.all.length === 0 && !app.place().workspaceId}>
        <EmptyState
          icon={TerminalIcon}
          title="No workspace is here"
          text="A workspace keeps terminals together. They go on running when you close this page."
        >
          <Button
            variant="primary"
            icon={Plus}
            keys={app.actions.keys("workspace.new")}
            onClick={() => app.actions.run("workspace.new")}
          >
            New workspace
          </Button>
        </EmptyState>
      </Match>
      <Match when={app.place().workspaceId && !workspace()}>
        <EmptyState
          title="This workspace does not exist any more"
          text="It was deleted, or the address is not complete."
        >
          <Button variant="primary" onClick={() => app.go({})}>
            Go to a workspace
          </Button>
        </EmptyState>
      </Match>
      <Match when={workspace() && tabs()?.length === 0}>
        <EmptyState
          icon={TerminalIcon}
          title={someOnline() ? "No terminal is open here" : "No worker is online"}
          text={whereTerminalsRun()}
        >
          <Show
            when={app.workers.all.length > 0 || !app.actions.get("worker.register").when()}
            fallback={
              <Button
                variant="primary"
                icon={Plus}
                onClick={() => app.actions.run("worker.register")}
              >
                Register a worker
              </Button>
            }
          >
            <Button
              variant="primary"
              icon={Plus}
              disabled={!someOnline()}
              keys={app.actions.keys("terminal.new")}
              onClick={() => app.commands.newTerminal()}
            >
              New terminal
            </Button>
          </Show>
          <Show when={app.commands.canReopen()}>
            <Button
              variant="quiet"
              keys={app.actions.keys("tab.reopen")}
              onClick={() => app.actions.run("tab.reopen")}
            >
              Reopen the last
            </Button>
          </Show>
        </EmptyState>
      </Match>
    </Switch>
  );
}

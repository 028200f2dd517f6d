import { lazy, Match, Show, Suspense, Switch } from "solid-js";
import type { DialogRequest } from "./dialogs.ts";
import { useApp } from "./use-app.ts";

const loadPalette = () => import("./palette.tsx");
const loadShortcuts = () => import("./shortcuts-sheet.tsx");
const loadPreferences = () => import("../account/preferences-dialog.tsx");
const loadCloseTab = () => import("../workspace/close-tab-dialog.tsx");
const loadDeleteWorkspace = () => import("../workspace/delete-workspace-dialog.tsx");
const loadTabless = () => import("../workers/tabless-dialog.tsx");
const loadTrust = () => import("../workers/trust-popover.tsx");

/** Only where the hub has logins: not for the preload of solo mode. */
const RegisterDialog = lazy(async () => ({
  default: (await import("../workers/register-dialog.tsx")).RegisterDialog,
}));
const WorkerDialog = lazy(async () => ({
  default: (await import("../workers/worker-dialog.tsx")).WorkerDialog,
}));
const DeregisterDialog = lazy(async () => ({
  default: (await import("../workers/deregister-dialog.tsx")).DeregisterDialog,
}));
const DevicesDialog = lazy(async () => ({
  default: (await import("../workers/devices-dialog.tsx")).DevicesDialog,
}));
const ApproveDeviceDialog = lazy(async () => ({
  default: (await import("../workers/approve-device-dialog.tsx")).ApproveDeviceDialog,
}));

/** For the preload. */
export const loadDialogs = [
  loadPalette,
  loadShortcuts,
  loadPreferences,
  loadCloseTab,
  loadDeleteWorkspace,
  loadTabless,
  loadTrust,
];

const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));
const ShortcutsSheet = lazy(async () => ({ default: (await loadShortcuts()).ShortcutsSheet }));
const PreferencesDialog = lazy(async () => ({
  default: (await loadPreferences()).PreferencesDialog,
}));
const CloseTabDialog = lazy(async () => ({ default: (await loadCloseTab()).CloseTabDialog }));
const DeleteWorkspaceDialog = lazy(async () => ({
  default: (await loadDeleteWorkspace()).DeleteWorkspaceDialog,
}));
const TablessDialog = lazy(async () => ({ default: (await loadTabless()).TablessDialog }));

export function DialogHost() {
  const { dialogs } = useApp();
  type OfKind<Kind extends DialogRequest["kind"]> = Extract<DialogRequest, { kind: Kind }>;
  const request = <Kind extends DialogRequest["kind"]>(kind: Kind) => {
    const now = dialogs.current();
    return now?.kind === kind ? (now as OfKind<Kind>) : undefined;
  };
  return (
    <Suspense>
      <Show when={dialogs.current()}>
        <Switch>
          <Match when={request("palette")}>
            <Palette />
          </Match>
          <Match when={request("shortcuts")}>
            <ShortcutsSheet />
          </Match>
          <Match when={request("preferences")}>
            <PreferencesDialog />
          </Match>
          <Match when={request("close-tab")} keyed>
            {(now) => <CloseTabDialog tabId={now.tabId} runs={now.runs} />}
          </Match>
          <Match when={request("delete-workspace")} keyed>
            {(now) => <DeleteWorkspaceDialog workspaceId={now.workspaceId} />}
          </Match>
          <Match when={request("register-worker")}>
            <RegisterDialog />
          </Match>
          <Match when={request("worker")} keyed>
            {(now) => <WorkerDialog workerId={now.workerId} />}
          </Match>
          <Match when={request("deregister-worker")} keyed>
            {(now) => <DeregisterDialog workerId={now.workerId} />}
          </Match>
          <Match when={request("devices")}>
            <DevicesDialog />
          </Match>
          <Match when={request("approve-device")} keyed>
            {(now) => <ApproveDeviceDialog device={now.device} />}
          </Match>
          <Match when={request("tabless")} keyed>
            {(now) => <TablessDialog workerId={now.workerId} />}
          </Match>
        </Switch>
      </Show>
    </Suspense>
  );
}

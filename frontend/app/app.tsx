import { createEffect, onCleanup } from "solid-js";
import { KeyChangedHost } from "../trust/key-changed-dialog.tsx";
import { MenuHost } from "../ui/menu.tsx";
import { onPartMissing } from "../ui/part.tsx";
import { type Toast, ToastHost } from "../ui/toast.tsx";
import { TooltipHost } from "../ui/tooltip.tsx";
import { titleOf } from "../workspace/title-of.ts";
import { makeActions } from "./actions.ts";
import type { PreferenceStore } from "../account/preferences.ts";
import { createAppContext } from "./context.ts";
import { DialogHost } from "./dialog-host.tsx";
import type { Entry } from "./entry.ts";
import { followPlace } from "./follow-place.ts";
import { useActionKeys } from "./handle-keys.ts";
import { loadWhenIdle } from "./load-when-idle.ts";
import { Shell } from "./shell.tsx";
import { type App as AppParts, SharedApp } from "./use-app.ts";
import { fitToVisibleViewport } from "./visible-viewport.ts";

export function App(props: { entry: Entry; preferences: PreferenceStore }) {
  const context = createAppContext(props.entry, props.preferences);
  const app: AppParts = { ...context, actions: makeActions(context) };

  followPlace(app);
  fitToVisibleViewport();
  useActionKeys(app.actions, () => app.dialogs.current() !== undefined || isModalOpen());
  createEffect(() => {
    if (app.hub.link().kind === "online") onCleanup(loadWhenIdle());
  });
  onCleanup(onPartMissing(() => app.toasts.show(missingPart(app))));

  createEffect(() => {
    const { workspaceId, tabId } = app.place();
    const workspace = app.workspaces.find(workspaceId ?? "")?.title;
    const parts = [
      tabId && workspace ? titleOf(app.live.get(tabId)) : undefined,
      workspace,
      "LeapMux",
    ];
    document.title = parts.filter(Boolean).join(" · ");
  });

  return (
    <SharedApp.Provider value={app}>
      <Shell />
      <DialogHost />
      <KeyChangedHost workerName={(workerId) => app.workers.find(workerId)?.name} />
      <MenuHost />
      <ToastHost toasts={app.toasts} />
      <TooltipHost />
    </SharedApp.Provider>
  );
}

function missingPart(app: AppParts): Toast {
  if (app.hub.link().kind === "online") {
    // A hub of another version has other files.
    return {
      tone: "danger",
      text: "This part of the page could not be loaded. Reload the page, or try it again.",
      action: { label: "Reload", run: () => location.reload() },
    };
  }
  const away = app.isSolo() ? "LeapMux does not answer" : "The hub is away";
  return { text: `${away}, and this part of the page is not here yet. Try it again in a moment.` };
}

/** A question that somebody else of the page asks, such as the one about a changed key. */
function isModalOpen(): boolean {
  return document.querySelector("[role=alertdialog], [role=dialog][data-expanded].dialog") !== null;
}

import { createEffect, on, onCleanup, untrack } from "solid-js";
import type { AppContext } from "./context.ts";
import { recall, remember } from "./remembered.ts";

/** Between two tries to load what is shown, while the link stands, ms. */
const retryMs = 2_000;

/**
 * Keeps the address pointing at something that exists: a bare one goes to where the user was last, a
 * closed tab to its neighbour. On the very first visit of a solo account there is nothing to go to,
 * so a workspace with a live shell is made.
 */
export function followPlace(app: AppContext): void {
  let loading = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(retry));

  const isComplete = () =>
    app.workspaces.loaded() && app.workers.loaded() && app.system() !== undefined;

  function load(): void {
    if (loading) return;
    loading = true;
    app
      .load()
      .catch(askAgainSoon)
      .finally(() => (loading = false));
  }
  function loadTabs(workspaceId: string): void {
    app.tabs.load(workspaceId).catch(askAgainSoon);
  }
  function askAgainSoon(): void {
    clearTimeout(retry);
    retry = setTimeout(askForMissing, retryMs);
  }
  /** While there is no link, its return is what asks again. */
  function askForMissing(): void {
    if (app.hub.link().kind !== "online") return;
    if (!isComplete()) return load();
    const { workspaceId = "" } = app.place();
    if (app.workspaces.find(workspaceId) && !app.tabs.of(workspaceId)) loadTabs(workspaceId);
  }

  load();
  createEffect(
    on(
      () => app.hub.link().kind,
      () => untrack(askForMissing),
    ),
  );

  createEffect(() => {
    if (!isComplete()) return;
    const { workspaceId } = app.place();
    if (workspaceId) followTab(app, workspaceId, loadTabs);
    else followWorkspace(app);
  });

  // A worker with tabs in sight is followed; what it still has to end, it is told now.
  createEffect(() => {
    const here = app.tabs.of(app.place().workspaceId ?? "") ?? [];
    const wanted = new Set(here.map((tab) => tab.workerId));
    for (const worker of app.workers.all) {
      if (worker.online && (worker.bundled || wanted.has(worker.id))) app.live.watch(worker.id);
    }
  });
  createEffect(() => {
    for (const worker of app.workers.all) {
      if (worker.online && app.connections.of(worker.id).state().kind === "open") {
        untrack(() => app.closes.flush(worker.id));
      }
    }
  });
}

function followWorkspace(app: AppContext): void {
  const last = app.workspaces.find(recall("workspace") ?? "") ?? app.workspaces.all[0];
  if (last) return app.go({ workspaceId: last.id }, { replace: true });
  const isFirstVisit = app.isSolo() && recall("welcomed") === undefined;
  if (!isFirstVisit || !app.workers.all.some((worker) => worker.online)) return;
  remember("welcomed", "yes");
  untrack(() => void app.commands.newWorkspace());
}

function followTab(
  app: AppContext,
  workspaceId: string,
  loadTabs: (workspaceId: string) => void,
): void {
  if (!app.workspaces.find(workspaceId)) return;
  remember("welcomed", "yes");
  remember("workspace", workspaceId);
  const tabs = app.tabs.of(workspaceId);
  if (!tabs) {
    untrack(() => loadTabs(workspaceId));
    return;
  }
  const { tabId } = app.place();
  if (tabId && tabs.some((tab) => tab.id === tabId)) return remember(`tab:${workspaceId}`, tabId);
  const next = tabs.find((tab) => tab.id === recall(`tab:${workspaceId}`)) ?? tabs[0];
  app.go(next ? { workspaceId, tabId: next.id } : { workspaceId }, { replace: true });
}

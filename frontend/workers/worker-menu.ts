import type { App } from "../app/use-app.ts";
import type { MenuEntry, MenuRequest } from "../ui/menu.tsx";
import type { LiveTerminal } from "../workspace/live-terminals.ts";
import { findTabless } from "./find-tabless.ts";
import type { WorkerEntry } from "./worker-list.ts";

/** What can be done with one worker. */
export function workerMenu(
  app: App,
  worker: WorkerEntry,
  anchor: Element | { x: number; y: number },
): MenuRequest {
  const count = tablessOf(app, worker.id)?.length ?? 0;
  return {
    label: `Worker ${worker.name}`,
    anchor,
    entries: [
      {
        kind: "item",
        label: "About this worker…",
        select: () => app.dialogs.open({ kind: "worker", workerId: worker.id }),
      },
      {
        kind: "item",
        label: `Terminals without a tab${count > 0 ? ` (${count})` : ""}…`,
        disabled: !worker.online,
        select: () => app.dialogs.open({ kind: "tabless", workerId: worker.id }),
      },
      ...(worker.bundled || app.isSolo() ? [] : [deregisterEntry(app, worker)]),
    ],
  };
}

/** Undefined while it is not known. Reactive. */
export function tablessOf(app: App, workerId: string): readonly LiveTerminal[] | undefined {
  return findTabless({
    terminals: app.live.onWorker(workerId),
    isComplete: app.live.complete(workerId),
    tabs: app.workspaces.all.map(({ id }) => app.tabs.of(id)),
    isClosing: app.closes.isPending,
  });
}

function deregisterEntry(app: App, worker: WorkerEntry): MenuEntry {
  return {
    kind: "item",
    label: "Deregister…",
    danger: true,
    disabled: worker.deregistering,
    select: () => app.dialogs.open({ kind: "deregister-worker", workerId: worker.id }),
  };
}

import type { Action } from "./actions.ts";
import type { AppContext } from "./context.ts";

/** Solo mode has its one worker in the same process, and no devices that anybody could tell apart. */
export function workerActions(app: AppContext): Action[] {
  const group = "Workers";
  const when = () => app.system() !== undefined && !app.isSolo();
  return [
    {
      id: "worker.register",
      name: "Register a worker…",
      group,
      keys: [],
      when,
      run: () => app.dialogs.open({ kind: "register-worker" }),
    },
    {
      id: "devices.show",
      name: "Devices…",
      group,
      keys: [],
      when,
      run: () => app.dialogs.open({ kind: "devices" }),
    },
  ];
}

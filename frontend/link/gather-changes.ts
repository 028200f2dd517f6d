import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { ControlPlaneChange } from "@leapmux/shared/client/link-state.ts";

/** The least time between two tellings, ms. */
const intervalMs = 100;
/** Beyond this many workspaces in one telling: all of them. */
const maxWorkspaceIds = 4096;

/**
 * The hub may announce changes as often as it likes; the page hears of them at most ten times a
 * second, put together, the first at once.
 */
export function makeChangeGatherer(
  clock: Clock,
  tell: (change: ControlPlaneChange) => void,
): (change: ControlPlaneChange) => void {
  let workers = false;
  let workspaces = false;
  let account = false;
  let devices = false;
  let registrations = false;
  let ids = new Set<string>();
  let lastMs = -intervalMs;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    lastMs = clock.now();
    const change = {
      workers,
      workspaces,
      workspaceIds: [...ids],
      account,
      devices,
      registrations,
    };
    workers = false;
    workspaces = false;
    account = false;
    devices = false;
    registrations = false;
    ids = new Set();
    tell(change);
  }

  return (change) => {
    workers ||= change.workers;
    workspaces ||= change.workspaces;
    account ||= change.account;
    devices ||= change.devices;
    registrations ||= change.registrations;
    for (const id of change.workspaceIds) {
      if (ids.size < maxWorkspaceIds) ids.add(id);
      else workspaces = true;
    }
    if (scheduled) return;
    scheduled = true;
    const waitMs = Math.max(0, lastMs + intervalMs - clock.now());
    if (waitMs === 0) flush();
    else clock.after(waitMs, flush);
  };
}

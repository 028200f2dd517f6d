import type { Change } from "./channel.ts";
import type { Relay } from "./relay.ts";

/**
 * Tells the clients of a user that something of the control plane changed. What happens together is told
 * together, and what is told is only where to look again.
 */
export type AnnounceChange = (userId: string, change: Change) => void;

export function makeAnnounceChange(relay: Relay): AnnounceChange {
  const pending = new Map<string, Change>();

  function flush(userId: string): void {
    const change = pending.get(userId);
    pending.delete(userId);
    if (change === undefined || relay.isStopping) return;
    for (const link of relay.clients.values()) {
      if (link.principal.userId === userId) link.sendChanged(change);
    }
  }

  return (userId, change) => {
    const former = pending.get(userId);
    pending.set(userId, mergeChanges(former, change));
    if (former === undefined) relay.clock.after(relay.limits.noticeDelayMs, () => flush(userId));
  };
}

export function mergeChanges(former: Change | undefined, change: Change): Required<Change> {
  return {
    workers: former?.workers === true || change.workers === true,
    workspaces: former?.workspaces === true || change.workspaces === true,
    workspaceIds: [...new Set([...(former?.workspaceIds ?? []), ...(change.workspaceIds ?? [])])],
    devices: former?.devices === true || change.devices === true,
    registrations: former?.registrations === true || change.registrations === true,
    account: former?.account === true || change.account === true,
  };
}

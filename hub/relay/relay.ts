import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { makeTokenBuckets, type TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { Channel, ClientLink, WorkerLink } from "./channel.ts";

/**
 * The tables of the relay and the rules that touch more than one link: which channels exist, who is told
 * when one ends, what a lost link takes along, and how it all stops.
 */
export interface Relay {
  readonly limits: HubLimits;
  readonly clock: HubClock;
  readonly random: Random;
  readonly log: HubLog;
  /** By login. */
  readonly openings: TokenBuckets;
  readonly clients: ReadonlyMap<string, ClientLink>;
  readonly workers: ReadonlyMap<string, WorkerLink>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly isStopping: boolean;
  /** What came in since the start. */
  readonly traffic: { batches: number; frames: number; bytes: number };

  addClient(link: ClientLink): void;
  /** Its channels end with `link_lost` for the workers. */
  removeClient(link: ClientLink): void;
  /** A second link of a worker takes the place of the first. */
  addWorker(link: WorkerLink): void;
  /** Its channels end with `worker_offline` for the clients. */
  removeWorker(link: WorkerLink): void;

  addChannel(channel: Channel): void;
  /** Ends a channel on both sides. */
  closeChannel(channel: Channel, reason: CloseReason): void;
  /** Takes a channel out of the tables without telling anybody. */
  forgetChannel(channel: Channel, reason: CloseReason): void;
  /** Ends every link of a login, and every channel on them, those that are being opened included. */
  revokeLogin(loginId: string, reason: LoginEndReason): void;
  /** The same for an API token. */
  revokeToken(tokenId: string, reason: LoginEndReason): void;
  /** Ends the link of a worker that may not come back, and every channel on it. */
  revokeWorker(workerId: string): void;

  onWorkersChanged: (userId: string) => void;
  /** Of a channel that was open. Told while it ends, so whoever listens must not wait. */
  onChannelClosed: (channel: Channel, reason: CloseReason) => void;
  /** Takes nothing new, delivers what waits, within the given time. */
  stop(): Promise<void>;
}

export interface RelayOptions {
  readonly limits: HubLimits;
  readonly clock: HubClock;
  readonly random: Random;
  readonly log: HubLog;
}

export function makeRelay({ limits, clock, random, log }: RelayOptions): Relay {
  const clients = new Map<string, ClientLink>();
  const workers = new Map<string, WorkerLink>();
  const channels = new Map<string, Channel>();
  let isStopping = false;

  const relay: Relay = {
    limits,
    clock,
    random,
    log,
    openings: makeTokenBuckets({
      clock,
      get burst() {
        return limits.openingBurst;
      },
      get perMinute() {
        return limits.openingsPerMinute;
      },
    }),
    clients,
    workers,
    channels,
    traffic: { batches: 0, frames: 0, bytes: 0 },
    get isStopping() {
      return isStopping;
    },
    onWorkersChanged: () => undefined,
    onChannelClosed: () => undefined,

    addClient(link) {
      clients.set(link.linkId, link);
      log.info("client link open", { linkId: link.linkId, userId: link.principal.userId });
    },
    removeClient(link) {
      if (!clients.delete(link.linkId)) return;
      for (const channel of [...link.channels.values()]) {
        relay.forgetChannel(channel, "link_lost");
        channel.worker.outlet.deliverClose(channel.channelId, "link_lost");
      }
      log.info("client link closed", { linkId: link.linkId });
    },
    addWorker(link) {
      const former = workers.get(link.workerId);
      if (former !== undefined) {
        relay.removeWorker(former);
        former.end({ reason: "replaced", message: "another link of this worker took over" });
      }
      workers.set(link.workerId, link);
      log.info("worker online", { workerId: link.workerId });
      relay.onWorkersChanged(link.userId);
    },
    removeWorker(link) {
      if (workers.get(link.workerId) !== link) return;
      workers.delete(link.workerId);
      for (const channel of [...link.channels.values()]) {
        relay.forgetChannel(channel, "worker_offline");
        channel.client.outlet.deliverClose(channel.channelId, "worker_offline");
      }
      log.info("worker offline", { workerId: link.workerId });
      relay.onWorkersChanged(link.userId);
    },

    addChannel(channel) {
      channels.set(channel.channelId, channel);
      channel.client.channels.set(channel.channelId, channel);
      channel.worker.channels.set(channel.channelId, channel);
    },
    closeChannel(channel, reason) {
      if (channel.state === "closed") return;
      relay.forgetChannel(channel, reason);
      channel.client.outlet.deliverClose(channel.channelId, reason);
      channel.worker.outlet.deliverClose(channel.channelId, reason);
    },
    forgetChannel(channel, reason) {
      if (channel.state === "closed") return;
      const { channelId, client, worker } = channel;
      const wasOpening = channel.state === "opening";
      channel.state = "closed";
      channels.delete(channelId);
      client.channels.delete(channelId);
      worker.channels.delete(channelId);
      const answer = worker.answers.get(channelId);
      worker.answers.delete(channelId);
      answer?.({ message2: new Uint8Array(0), refusal: reason });
      if (!wasOpening) {
        log.info("channel closed", {
          channelId,
          reason,
          linkId: client.linkId,
          workerId: worker.workerId,
        });
        relay.onChannelClosed(channel, reason);
      }
    },
    revokeLogin(loginId, reason) {
      revokeClients(({ principal }) => principal.loginId === loginId, reason);
    },
    revokeToken(tokenId, reason) {
      revokeClients(({ principal }) => principal.token?.tokenId === tokenId, reason);
    },
    revokeWorker(workerId) {
      const link = workers.get(workerId);
      if (link === undefined) return;
      closeChannels(link);
      relay.removeWorker(link);
      link.end({ reason: "revoked", message: "this worker was removed" });
    },

    async stop() {
      isStopping = true;
      stopSweeping();
      const links = [...clients.values(), ...workers.values()];
      for (const link of links) link.sendGoingAway(limits.retryAfterMs);
      const untilMs = clock.now() + limits.drainMs;
      while (links.some((link) => !link.isDrained) && clock.now() < untilMs) {
        await new Promise<void>((resolve) => void clock.after(20, resolve));
      }
      for (const link of links) {
        link.end({ reason: "going_away", message: "the hub is stopping" });
      }
    },
  };

  /** Consumers that took nothing for too long lose the channels that wait for them. */
  const stopSweeping = every(clock, limits.heartbeatCheckMs, (isLate) => {
    const links = [...clients.values(), ...workers.values()];
    for (const link of links) {
      if (!isLate && link.outlet.isStuck(limits.stuckQueueMs)) closeWaiting(link);
    }
    // Many slow consumers, each within its own bound, must not add up to the memory of the host.
    let bytes = links.reduce((sum, link) => sum + link.outlet.bytes, 0);
    if (bytes <= limits.maxQueuedBytes) return;
    for (const link of links.sort((a, b) => b.outlet.bytes - a.outlet.bytes)) {
      if (bytes <= limits.maxQueuedBytes) return;
      bytes -= link.outlet.bytes;
      closeWaiting(link);
    }
  });

  function revokeClients(isMeant: (link: ClientLink) => boolean, reason: LoginEndReason): void {
    for (const link of [...clients.values()]) {
      if (!isMeant(link)) continue;
      closeChannels(link);
      // Out of the table at once: nothing may be opened on it while its socket closes.
      relay.removeClient(link);
      link.endLogin(reason);
    }
  }

  function closeChannels(link: ClientLink | WorkerLink): void {
    for (const channel of [...link.channels.values()]) {
      relay.closeChannel(channel, "credential_revoked");
    }
  }

  function closeWaiting(link: ClientLink | WorkerLink): void {
    for (const channel of [...link.channels.values()]) {
      if (link.outlet.bytesOf(channel.channelId) > 0) relay.closeChannel(channel, "slow_consumer");
    }
  }

  return relay;
}

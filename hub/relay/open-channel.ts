import { create } from "@bufbuild/protobuf";
import { OpenChannelOrderSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { parseCloseReason, type CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { makeChunkOrderCheck } from "@leapmux/shared/envelope/check-chunk-order.ts";
import { message1Bytes, message2Bytes } from "@leapmux/shared/limits/limits.ts";
import { isSameCredential, quotaKey, type Principal } from "../accounts/authenticator.ts";
import { encryptionModeOf, type Mode } from "./encryption-mode.ts";
import type { Channel } from "./channel.ts";
import type { Relay } from "./relay.ts";

/**
 * Opens a channel between a client link and a worker: message 1 there, message 2 back (protocol §3). All
 * that can be refused is refused before the worker hears of it, cheapest first, because its half of the
 * handshake is the dear one.
 */
export interface OpeningRequest {
  readonly principal: Principal;
  readonly linkId: string;
  readonly workerId: string;
  readonly channelId: string;
  readonly mode: Mode;
  readonly message1: Uint8Array;
  /** Aborted when the caller no longer waits. */
  readonly signal: AbortSignal;
}

export type Opening =
  | { readonly ok: true; readonly message2: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: CloseReason;
      readonly retryAfterMs?: number;
      /** Where the reason alone would not tell what to do. */
      readonly message?: string;
    };

export async function openChannel(relay: Relay, request: OpeningRequest): Promise<Opening> {
  const { principal, channelId, mode, message1, signal } = request;
  const { limits } = relay;

  // 1. What the tables tell.
  if (relay.isStopping)
    return { ok: false, reason: "going_away", retryAfterMs: limits.retryAfterMs };
  if (message1.length !== message1Bytes[mode]) return { ok: false, reason: "handshake_failed" };
  const client = relay.clients.get(request.linkId);
  // Whatever ends the link's credential ends the channel, so it has to be the caller's own.
  if (client === undefined || !isSameCredential(client.principal, principal)) {
    return { ok: false, reason: "link_lost" };
  }
  const worker = relay.workers.get(request.workerId);
  if (worker === undefined || worker.userId !== principal.userId) {
    return { ok: false, reason: "worker_offline" };
  }
  if (worker.mode !== mode) return { ok: false, reason: "mode_refused" };
  if (relay.channels.has(channelId)) return { ok: false, reason: "channel_exists" };
  if (client.channels.size >= limits.maxChannelsPerClient) {
    return {
      ok: false,
      reason: "too_many_channels",
      message: "this window has too many channels open: close one first",
    };
  }
  if (countChannels(relay, principal) >= limits.maxChannelsPerLogin) {
    return {
      ok: false,
      reason: "too_many_channels",
      message: "this login has too many channels open in all its windows: close one first",
    };
  }
  if (worker.answers.size >= limits.maxPendingOpeningsPerWorker) {
    return {
      ok: false,
      reason: "rate_limited",
      retryAfterMs: 1_000,
      message: "the worker is busy with other openings: wait a moment",
    };
  }
  // 2. Last, since it counts only openings that go to the worker.
  const retryAfterMs = relay.openings.take(quotaKey(principal));
  if (retryAfterMs > 0) {
    return {
      ok: false,
      reason: "rate_limited",
      retryAfterMs,
      message: "this login opened too many channels just now: wait a moment",
    };
  }

  // 3. To the worker and back.
  const { maxMessageBytes } = worker;
  const channel: Channel = {
    channelId,
    client,
    worker,
    state: "opening",
    up: makeChunkOrderCheck({ maxMessageBytes }),
    down: makeChunkOrderCheck({ maxMessageBytes }),
  };
  relay.addChannel(channel);
  const giveUp = (reason: CloseReason): void => {
    if (channel.state === "closed") return;
    relay.forgetChannel(channel, reason);
    worker.outlet.deliverClose(channelId, reason);
  };
  const onAbort = (): void => giveUp("closed");
  const cancelTimeout = relay.clock.after(limits.openingTimeoutMs, () =>
    giveUp("handshake_failed"),
  );
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    const answered = await new Promise<{ readonly message2: Uint8Array; readonly refusal: string }>(
      (resolve) => {
        if (channel.state === "closed") return resolve({ message2: message1, refusal: "closed" });
        worker.answers.set(channelId, (answer) => {
          // At once, because the worker's first frame may be right behind its answer.
          const accepted = answer.refusal === "" && answer.message2.length === message2Bytes[mode];
          if (accepted && channel.state === "opening") channel.state = "open";
          resolve(answer);
        });
        worker.sendOrder(
          create(OpenChannelOrderSchema, {
            channelId,
            userId: principal.userId,
            encryptionMode: encryptionModeOf(mode),
            message1,
          }),
        );
      },
    );

    // 4. Open, unless the worker refused, misbehaved, or something ended the channel since.
    if (answered.refusal !== "") {
      relay.forgetChannel(channel, "handshake_failed");
      return { ok: false, reason: parseCloseReason(answered.refusal) };
    }
    if (stateOf(channel) === "closed") return { ok: false, reason: "link_lost" };
    if (stateOf(channel) === "opening") {
      giveUp("handshake_failed");
      return { ok: false, reason: "handshake_failed" };
    }
    relay.log.info("channel open", {
      channelId,
      linkId: client.linkId,
      workerId: worker.workerId,
      userId: principal.userId,
    });
    return { ok: true, message2: answered.message2 };
  } finally {
    cancelTimeout();
    signal.removeEventListener("abort", onAbort);
  }
}

function countChannels(relay: Relay, principal: Principal): number {
  let count = 0;
  for (const link of relay.clients.values()) {
    if (isSameCredential(link.principal, principal)) count += link.channels.size;
  }
  return count;
}

/** Behind a call, because it changes while the function above waits. */
function stateOf(channel: Channel): Channel["state"] {
  return channel.state;
}

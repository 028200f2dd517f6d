import type { ServiceImpl } from "@connectrpc/connect";
import type { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import type { Authenticator } from "../../accounts/authenticator.ts";
import { encryptionModeOf } from "../../relay/encryption-mode.ts";
import { openChannel } from "../../relay/open-channel.ts";
import type { Relay } from "../../relay/relay.ts";
import type { Workers } from "../../store/workers.ts";
import { principalOf } from "../call-principal.ts";
import { requireChannelId, requireMode, requireWorkerId } from "../check-request.ts";
import { isRefusalReason, refuse } from "../refusal.ts";

/** Sets channels up and tears them down; the relay does the work, this checks who asks and for what. */
export function channelService(parts: {
  readonly relay: Relay;
  readonly workers: Workers;
  readonly authenticator: Authenticator;
}): ServiceImpl<typeof ChannelService> {
  const { relay, workers, authenticator } = parts;

  return {
    async getWorkerHandshakeParams(request, context) {
      const { userId } = principalOf(context);
      const workerId = requireWorkerId(request.workerId);
      const link = relay.workers.get(workerId);
      if (link === undefined || link.userId !== userId) {
        const row = await workers.find(workerId);
        throw refuse(row?.user_id === userId ? "worker_offline" : "not_found");
      }
      return {
        compositePublicKey: link.compositePublicKey,
        encryptionMode: encryptionModeOf(link.mode),
        maxMessageBytes: link.maxMessageBytes,
      };
    },

    async openChannel(request, context) {
      const principal = principalOf(context);
      const channelId = requireChannelId(request.channelId);
      // The gate asked before the body had come; from here to the relay's table nothing waits, and what is
      // in the table is found by a revocation.
      if (!(await authenticator.isStillValid(principal))) throw refuse("credential_revoked");
      const opening = await openChannel(relay, {
        principal,
        linkId: request.linkId,
        workerId: requireWorkerId(request.workerId),
        channelId,
        mode: requireMode(request.encryptionMode),
        message1: request.message1,
        signal: context.signal,
      });
      if (!opening.ok) {
        const reason = isRefusalReason(opening.reason) ? opening.reason : "handshake_failed";
        throw refuse(reason, opening.message, opening.retryAfterMs);
      }
      // A revocation during the handshake, by another process perhaps, must not lose to it.
      if (!(await authenticator.isStillValid(principal))) {
        const channel = relay.channels.get(channelId);
        if (channel !== undefined) relay.closeChannel(channel, "credential_revoked");
        throw refuse("credential_revoked");
      }
      return { message2: opening.message2 };
    },

    closeChannel(request, context) {
      const { userId } = principalOf(context);
      const channel = relay.channels.get(requireChannelId(request.channelId));
      // Not there any more, or never this user's: either way nothing of theirs is open.
      if (channel?.client.principal.userId === userId) relay.closeChannel(channel, "closed");
      return {};
    },
  };
}

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  RelayedClientLinkDownSchema,
  RelayedClientLinkUpSchema,
  type RelayedClientLinkDown,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { LoginEndReason as WireReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { WebSocket } from "ws";
import type { Principal } from "../accounts/authenticator.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import { every } from "../ops/hub-clock.ts";
import { mergeChanges } from "./announce-change.ts";
import type { Change, ClientLink } from "./channel.ts";
import { makeFrameOutlet } from "./deliver-frame.ts";
import { encodeClientFrames } from "./encode-batch.ts";
import { relayFrames } from "./relay-frames.ts";
import type { Relay } from "./relay.ts";

/**
 * One client: a WebSocket that carries the frames of all its channels, and little else. Frames leave in
 * batches, gathered over one turn of the event loop, and only while the socket's own buffer is below its
 * mark; whatever waits beyond that waits in the fair queue. Nothing that the client may ask for (pongs,
 * notices) can pile up: only the latest of each is kept.
 */
export function serveClientLink(relay: Relay, socket: WebSocket, principal: Principal): ClientLink {
  const { limits, clock } = relay;
  let isPumping = false;
  let pendingPong: bigint | null = null;
  let pendingChange: Change | undefined;
  let unheardPings = 0;
  let hasHeard = false;

  const outlet = makeFrameOutlet({
    maxBytesPerChannel: limits.maxQueuedBytesPerChannel,
    maxBytes: limits.maxQueuedBytesPerLink,
    clock,
    onReady: schedulePump,
  });

  const link: ClientLink = {
    side: "client",
    linkId: Buffer.from(relay.random(16)).toString("base64url"),
    principal,
    outlet,
    channels: new Map(),
    sendChanged(change) {
      pendingChange = mergeChanges(pendingChange, change);
      schedulePump();
    },
    sendGoingAway(retryAfterMs) {
      send({ case: "goingAway", value: { $typeName: "leapmux.hub.v1.GoingAway", retryAfterMs } });
    },
    takeHeard() {
      const had = hasHeard;
      hasHeard = false;
      return had;
    },
    endLogin(reason) {
      if (socket.readyState === socket.OPEN) {
        // Its channels are closed, so their ends are all that is left: out with them, whatever the mark.
        const ends = outlet.take(Number.MAX_SAFE_INTEGER);
        if (ends.length > 0) socket.send(encodeClientFrames(ends));
        send({
          case: "loginEnded",
          value: { $typeName: "leapmux.hub.v1.LoginEnded", reason: wireReasons[reason] },
        });
      }
      link.end({ reason: "revoked", message: "this login has ended" });
    },
    end({ reason, message }) {
      socket.close(closeCodes[reason], message);
      // ws waits 30 s for the answer of a peer that may be gone; the hub does not.
      const cancel = clock.after(1_000, () => socket.terminate());
      socket.once("close", cancel);
    },
    get isDrained() {
      return socket.readyState !== socket.OPEN || (outlet.isEmpty && socket.bufferedAmount === 0);
    },
  };

  function schedulePump(): void {
    if (isPumping) return;
    isPumping = true;
    setImmediate(pump);
  }

  function pump(): void {
    isPumping = false;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount < limits.socketHighWaterBytes) sendNotices();
    while (socket.bufferedAmount < limits.socketHighWaterBytes) {
      const frames = outlet.take(limits.batchBytes);
      if (frames.length === 0) return;
      socket.send(encodeClientFrames(frames), afterSend);
    }
  }

  function afterSend(): void {
    if (!outlet.isEmpty || pendingPong !== null || pendingChange !== undefined) schedulePump();
  }

  function sendNotices(): void {
    if (pendingPong !== null) {
      send({ case: "pong", value: { $typeName: "leapmux.hub.v1.LinkPong", nonce: pendingPong } });
      pendingPong = null;
    }
    if (pendingChange !== undefined) {
      const { workers, workspaces, workspaceIds, devices, registrations, account } = mergeChanges(
        undefined,
        pendingChange,
      );
      pendingChange = undefined;
      send({
        case: "changed",
        value: {
          $typeName: "leapmux.hub.v1.ControlPlaneChanged",
          workers,
          workspaces,
          workspaceIds: [...workspaceIds],
          devices,
          registrations,
          account,
        },
      });
    }
  }

  function send(body: RelayedClientLinkDown["body"]): void {
    const message = create(RelayedClientLinkDownSchema, { body });
    socket.send(toBinary(RelayedClientLinkDownSchema, message), afterSend);
  }

  function receive(data: Buffer): boolean {
    let body;
    try {
      body = fromBinary(RelayedClientLinkUpSchema, data, { readUnknownFields: false }).body;
    } catch {
      return false;
    }
    if (body.case === "frames") {
      hasHeard = true;
      return relayFrames(relay, link, body.value);
    }
    if (body.case === "ping") {
      pendingPong = body.value.nonce;
      schedulePump();
      return true;
    }
    // Something newer than this hub: ignored, as every unknown field is.
    return true;
  }

  socket.on("message", (data, isBinary) => {
    unheardPings = 0;
    // What a peer still sends behind its own end counts no more.
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary && receive(data as Buffer)) return;
    relay.log.warn("client link broke the protocol", { linkId: link.linkId });
    relay.removeClient(link);
    const message = isBinary ? "not a valid message of this protocol" : "binary messages only";
    link.end({ reason: "protocol_violation", message });
  });
  socket.on("ping", (payload) => {
    unheardPings = 0;
    // Answers that nobody reads must not pile up.
    if (socket.bufferedAmount < limits.socketHighWaterBytes) socket.pong(payload);
  });
  socket.on("pong", () => (unheardPings = 0));
  const stopPinging = every(clock, limits.clientPingMs, (isLate) => {
    if (!isLate && unheardPings >= 3) return socket.terminate();
    unheardPings += 1;
    if (socket.bufferedAmount < limits.socketHighWaterBytes) socket.ping();
  });
  socket.on("error", (error) => {
    relay.log.warn("client link failed", { linkId: link.linkId, code: codeOf(error) });
  });
  socket.on("close", () => {
    stopPinging();
    relay.removeClient(link);
  });

  relay.addClient(link);
  send({ case: "hello", value: { $typeName: "leapmux.hub.v1.LinkHello", linkId: link.linkId } });
  return link;
}

const wireReasons: Record<LoginEndReason, WireReason> = {
  logged_out: WireReason.LOGGED_OUT,
  ended_by_user: WireReason.ENDED_BY_USER,
  ended_by_admin: WireReason.ENDED_BY_ADMIN,
  password_changed: WireReason.PASSWORD_CHANGED,
  password_reset: WireReason.PASSWORD_RESET,
  account_deleted: WireReason.ACCOUNT_DELETED,
  expired: WireReason.EXPIRED,
  refresh_reused: WireReason.REFRESH_REUSED,
};

/** RFC 6455 §7.4.1, and of the private range 4001 for a login that ended. */
const closeCodes = {
  going_away: 1001,
  protocol_violation: 1008,
  replaced: 1001,
  silent: 1001,
  revoked: 4001,
  deregistered: 1001,
} as const;

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

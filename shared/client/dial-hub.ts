import { create, toBinary } from "@bufbuild/protobuf";
import {
  ClientLinkUpSchema,
  type ControlPlaneChanged,
  LinkPingSchema,
  LoginEndReason,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { Frame } from "../envelope/frame.ts";
import { makeReconnectDelay } from "../link/reconnect-delay.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { LinkState, LoginEnd } from "./link-state.ts";
import { decodeLinkDown } from "./receive-frame.ts";
import { makeFrameSender } from "./send-frame.ts";

/**
 * This browser's link to its hub: one WebSocket that is dialled again whenever it is lost. It runs
 * on the crypto thread, whose timers are not slowed down in background tabs. Everything that the
 * socket delivers is hostile; one message that does not parse ends the link.
 */

/** From dialling to the hub's hello. */
const helloTimeoutMs = 10_000;
const pingIntervalMs = 15_000;
const pongTimeoutMs = 10_000;
/** Sealed bytes that the socket may hold back; more means that nobody takes them. */
const maxBufferedBytes = 64 * 1024 * 1024;
/** How the hub closes a link whose login is over. */
const loginEndedCode = 4001;

const loginEnds: Readonly<Record<number, LoginEnd>> = {
  [LoginEndReason.LOGGED_OUT]: "logged_out",
  [LoginEndReason.ENDED_BY_USER]: "ended_by_user",
  [LoginEndReason.ENDED_BY_ADMIN]: "ended_by_admin",
  [LoginEndReason.PASSWORD_CHANGED]: "password_changed",
  [LoginEndReason.PASSWORD_RESET]: "password_reset",
  [LoginEndReason.ACCOUNT_DELETED]: "account_deleted",
  [LoginEndReason.EXPIRED]: "expired",
  [LoginEndReason.REFRESH_REUSED]: "refresh_reused",
};

/** The part of the browser's WebSocket that is used. */
export interface LinkSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "message", run: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", run: (event: { readonly code: number }) => void): void;
}

export interface HubLink {
  readonly state: LinkState;
  /** Names the present link in OpenChannel; undefined while there is none. */
  readonly linkId: string | undefined;
  /** Dropped when the link is gone: its channels are closed by then. */
  sendFrame(frame: Frame): void;
  /** The way may be clear again: dials now, or asks an open link whether it still lives. */
  wake(): void;
  /** For good: hangs up, dials no more, and says nothing more of its state. */
  close(): void;
}

export function dialHub(options: {
  readonly clock: Clock;
  /** Wall clock, for the times that are shown. */
  readonly nowMs: () => number;
  readonly random: Random;
  readonly makeSocket: () => LinkSocket;
  readonly onState: (state: LinkState) => void;
  readonly onUp: (linkId: string) => void;
  readonly onDown: () => void;
  readonly onFrames: (frames: readonly Frame[]) => void;
  readonly onChanged: (changed: ControlPlaneChanged) => void;
}): HubLink {
  const { clock } = options;
  const delay = makeReconnectDelay({ random: options.random, clock });
  let state: LinkState = { kind: "connecting" };
  let socket: LinkSocket | undefined;
  let linkId: string | undefined;
  let pings = 0n;
  let isClosed = false;
  /** The one timer that runs: hello, next ping, pong or next dial. */
  let cancelTimer = () => {};

  const sender = makeFrameSender(sendBytes);

  function enter(next: LinkState): void {
    if (isClosed) return;
    state = next;
    options.onState(next);
  }
  function schedule(ms: number, run: () => void): void {
    cancelTimer();
    if (isClosed) return;
    cancelTimer = clock.after(ms, run);
  }

  function dial(): void {
    enter({ kind: "connecting" });
    if (isClosed) return;
    let dialled: LinkSocket;
    try {
      dialled = options.makeSocket();
    } catch {
      return lose();
    }
    socket = dialled;
    dialled.binaryType = "arraybuffer";
    dialled.addEventListener("message", ({ data }) => {
      if (socket === dialled) receive(data);
    });
    dialled.addEventListener("close", ({ code }) => {
      if (socket !== dialled) return;
      if (code === loginEndedCode) end("unknown");
      else lose();
    });
    schedule(helloTimeoutMs, lose);
  }

  function hangUp(): void {
    const lost = socket;
    socket = undefined;
    lost?.close();
    sender.clear();
    if (linkId !== undefined) {
      linkId = undefined;
      options.onDown();
    }
  }

  /** Nothing dials again: whoever is no longer logged in would only be refused. */
  function end(reason: LoginEnd): void {
    hangUp();
    cancelTimer();
    enter({ kind: "ended", reason });
  }

  function lose(): void {
    hangUp();
    const waitMs = delay.next();
    schedule(waitMs, dial);
    enter({ kind: "waiting", retryAtMs: options.nowMs() + waitMs });
  }

  function sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (!socket || linkId === undefined) return;
    if (socket.bufferedAmount > maxBufferedBytes) return lose();
    socket.send(bytes);
  }

  function ping(): void {
    pings += 1n;
    const value = create(LinkPingSchema, { nonce: pings });
    const up = create(ClientLinkUpSchema, { body: { case: "ping", value } });
    sendBytes(toBinary(ClientLinkUpSchema, up));
    schedule(pongTimeoutMs, lose);
  }

  function receive(data: unknown): void {
    const body = decodeLinkDown(data);
    if (!body) return lose();
    if (body.case === "loginEnded") return end(loginEnds[body.value.reason] ?? "unknown");
    if (linkId === undefined) {
      // The hello is the first message of every link.
      if (body.case !== "hello") return lose();
      linkId = body.value.linkId;
      delay.connected();
      schedule(pingIntervalMs, ping);
      enter({ kind: "online" });
      return options.onUp(linkId);
    }
    switch (body.case) {
      case "frames":
        return options.onFrames(body.value.frames);
      case "pong":
        // An older one says nothing about now.
        if (body.value.nonce === pings) schedule(pingIntervalMs, ping);
        return;
      case "goingAway":
        delay.goingAway(body.value.retryAfterMs);
        return;
      case "changed":
        return options.onChanged(body.value);
      case "hello":
        return lose();
      default:
        return;
    }
  }

  dial();
  return {
    get state() {
      return state;
    },
    get linkId() {
      return linkId;
    },
    sendFrame: sender.send,
    wake() {
      if (isClosed) return;
      if (state.kind === "waiting") {
        delay.reset();
        cancelTimer();
        dial();
      } else if (state.kind === "online") {
        ping();
      }
    },
    close() {
      isClosed = true;
      cancelTimer();
      hangUp();
    },
  };
}

import type { ChunkOrderCheck } from "@leapmux/shared/envelope/check-chunk-order.ts";
import type { OpenChannelAnswer, OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Principal } from "../accounts/authenticator.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import type { PairingAnswer } from "../store/registration-keys.ts";
import type { Mode } from "./encryption-mode.ts";
import type { FrameOutlet } from "./deliver-frame.ts";

/**
 * What the relay knows: links, and between them channels. A channel exists from the moment its opening is
 * passed to the worker until either end, either link or a rule ends it.
 *
 *   opening ──answer──▶ open ──close, violation, lost link──▶ closed
 *      └──refusal, timeout, lost link───────────────────────────┘
 */
export interface Channel {
  readonly channelId: string;
  readonly client: ClientLink;
  readonly worker: WorkerLink;
  state: "opening" | "open" | "closed";
  /** Chunk rules of protocol §4: client to worker, worker to client. */
  readonly up: ChunkOrderCheck;
  readonly down: ChunkOrderCheck;
}

interface LinkBase {
  /** Frames on their way to this link. */
  readonly outlet: FrameOutlet;
  readonly channels: Map<string, Channel>;
  /** Ends the link itself; its channels are ended by whoever holds the tables. */
  end(why: LinkEnd): void;
  /** Tells the peer that the hub stops and when to come back. */
  sendGoingAway(retryAfterMs: number): void;
  /** Everything was handed to the network. */
  readonly isDrained: boolean;
}

/** `message` is short and goes to the peer. */
export interface LinkEnd {
  readonly reason:
    | "going_away"
    | "protocol_violation"
    | "replaced"
    | "silent"
    | "revoked"
    | "deregistered";
  readonly message: string;
}

export interface ClientLink extends LinkBase {
  readonly side: "client";
  readonly linkId: string;
  readonly principal: Principal;
  sendChanged(change: Change): void;
  /** Whether frames came since this was asked last. What a client sends by itself to keep the link is none. */
  takeHeard(): boolean;
  /** Says why the login is over, behind what its channels were told, and ends the link. */
  endLogin(reason: LoginEndReason): void;
}

export interface WorkerLink extends LinkBase {
  readonly side: "worker";
  readonly workerId: string;
  /** Whose worker it is. */
  readonly userId: string;
  readonly mode: Mode;
  readonly compositePublicKey: Uint8Array;
  readonly maxMessageBytes: number;
  /** Openings that wait for the worker. */
  readonly answers: Map<string, (answer: Pick<OpenChannelAnswer, "message2" | "refusal">) => void>;
  sendOrder(order: OpenChannelOrder): void;
  sendPairingAnswer(answer: PairingAnswer): void;
  /** Few enough for one message of a link. */
  sendRevocations(signedRevocations: readonly Uint8Array[]): void;
  /** The worker has to stop for good; it says so, or its link ends. */
  sendDeregister(): void;
}

export type Link = ClientLink | WorkerLink;

/** Something of the control plane changed for a user: fetch it again. */
export interface Change {
  readonly workers?: boolean;
  readonly workspaces?: boolean;
  readonly workspaceIds?: readonly string[];
  readonly devices?: boolean;
  readonly registrations?: boolean;
  readonly account?: boolean;
}

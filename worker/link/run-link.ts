import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { EncryptionMode as WireMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type {
  OpenChannelOrder,
  PairingAnswer,
  WorkerLinkDown,
  WorkerLinkService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { protocolVersion } from "@leapmux/shared/limits/limits.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import type { WorkerLimits } from "../config/worker-limits.ts";
import { keepHeartbeat } from "./keep-heartbeat.ts";
import { receiveFrame } from "./receive-frame.ts";
import { type LinkSender, makeLinkSender } from "./send-frame.ts";

/** What one link brings; all of it on the event loop, in order. */
export interface LinkReceiver {
  /** The hub took us. `maxMessageBytes` is the smaller of both. */
  welcome(sender: LinkSender, maxMessageBytes: number): void;
  receiveFrame(frame: Frame): void;
  openChannel(order: OpenChannelOrder): void;
  goingAway(retryAfterMs: number): void;
  pairingAnswer(answer: PairingAnswer): void;
  deviceRevocations(signedRevocations: readonly Uint8Array[]): void;
  /** Stops everything and wipes the credentials; true when it did, which is then acknowledged. */
  deregister(): Promise<boolean>;
}

export interface LinkOptions {
  readonly client: Client<typeof WorkerLinkService>;
  readonly workerId: string;
  readonly workerToken: string;
  readonly compositePublicKey: Uint8Array;
  readonly mode: EncryptionMode;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  readonly limits: WorkerLimits;
  readonly receiver: LinkReceiver;
  /** Ends the link. */
  readonly signal: AbortSignal;
}

export type LinkEnd =
  /** Worth another try. */
  | { readonly kind: "lost"; readonly code: string }
  /** The hub ordered it, and everything of this registration is wiped unless the code is `wipe_failed`. */
  | { readonly kind: "deregistered"; readonly code: "wiped" | "wipe_failed" }
  /** The hub said in its own word what it will say the next time too: unknown worker, no common version. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string };

/** How long a hub has to end the link after it was told that the worker is gone. */
const deregisteredMs = 2_000;

/** Far more than the openings that a hub may have under way. */
const maxWaitingAnswers = 1024;

/**
 * One link from dialling to its end; resolves when it is over and never rejects. The same over HTTP/2
 * and in process. The channels on it die with it; that is the caller's to do.
 */
export async function runLink(options: LinkOptions): Promise<LinkEnd> {
  const { client, clock, limits, receiver, signal } = options;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();

  let isWelcome = false;
  let deregistering = null as Promise<LinkEnd> | null;
  const sender = makeLinkSender({ limits, onSent: () => heartbeat.sent() });
  const heartbeat = keepHeartbeat({
    clock,
    limits,
    beat: () => sender.sendNow({ case: "heartbeat", value: {} }),
    dead: end,
  });
  sender.sendNow({
    case: "hello",
    value: {
      protocolVersions: [protocolVersion],
      compositePublicKey: options.compositePublicKey,
      encryptionMode: options.mode === "classic" ? WireMode.CLASSIC : WireMode.POST_QUANTUM,
      maxMessageBytes: options.maxMessageBytes,
    },
  });

  async function deregister(): Promise<LinkEnd> {
    const isWiped = await receiver.deregister();
    if (isWiped) sender.sendNow({ case: "deregistered", value: {} });
    sender.finish();
    clock.after(deregisteredMs, end);
    return { kind: "deregistered", code: isWiped ? "wiped" : "wipe_failed" };
  }

  function receive(message: WorkerLinkDown): boolean {
    heartbeat.heard();
    const { body } = message;
    if (body.case === "welcome") {
      if (isWelcome || body.value.protocolVersion !== protocolVersion) return false;
      isWelcome = true;
      const negotiated = body.value.maxMessageBytes || options.maxMessageBytes;
      receiver.welcome(sender, Math.min(negotiated, options.maxMessageBytes));
    } else if (body.case === "goingAway") {
      receiver.goingAway(body.value.retryAfterMs);
    } else if (!isWelcome) {
      return false;
    } else if (body.case === "frames") {
      for (const wireFrame of body.value.frames) {
        const frame = receiveFrame(wireFrame);
        if (!frame) return false;
        receiver.receiveFrame(frame);
      }
    } else if (deregistering) {
      return true;
    } else if (body.case === "openChannel") {
      receiver.openChannel(body.value);
    } else if (body.case === "pairingAnswer") {
      receiver.pairingAnswer(body.value);
    } else if (body.case === "deviceRevocations") {
      receiver.deviceRevocations(body.value.signedRevocations);
    } else if (body.case === "deregister") {
      deregistering = deregister();
    }
    // A hub that keeps asking and takes no answer would fill our memory with them.
    return sender.waitingAnswers <= maxWaitingAnswers;
  }

  try {
    const headers = {
      authorization: `Bearer ${options.workerToken}`,
      "x-leapmux-worker-id": options.workerId,
    };
    for await (const message of client.link(sender.messages(), {
      signal: ending.signal,
      headers,
    })) {
      if (!receive(message)) return { kind: "lost", code: "protocol_violation" };
    }
    return (await deregistering) ?? { kind: "lost", code: "ended" };
  } catch (error) {
    return (await deregistering) ?? describeEnd(error);
  } finally {
    heartbeat.stop();
    signal.removeEventListener("abort", end);
    sender.finish();
    end();
  }
}

function describeEnd(error: unknown): LinkEnd {
  const { code } = ConnectError.from(error);
  const said = readErrorReason(error) ?? "";
  // It goes to logs and to somebody's terminal: words of the hub's own choice do not.
  const reason = /^[a-z_]{1,64}$/.test(said) ? said : "";
  // A bare 401 or 403 is the answer of something between, and may be another one in a minute.
  const isRefusal = code === Code.Unauthenticated || code === Code.PermissionDenied;
  const isFinal =
    (isRefusal && reason !== "") || reason === "version_unsupported" || reason === "mode_refused";
  const name = Code[code] ?? "Unknown";
  return isFinal ? { kind: "refused", code: name, reason } : { kind: "lost", code: name };
}

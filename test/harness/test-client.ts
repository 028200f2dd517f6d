/**
 * A client in Node made of the production parts: control calls over Connect, the WebSocket link, the
 * initiator with native primitives, and the calls inside the channel. What a hostile or clumsy client
 * would do differently are knobs of `openChannel`.
 */
import { randomBytes } from "node:crypto";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { connect } from "node:net";
import { createClient, ConnectError, type Client, type Transport } from "@connectrpc/connect";
import { connectAs, logIn } from "@leapmux/hub/test-support/log-in.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import {
  type Initiator,
  type InitiatorOptions,
  startInitiator,
} from "@leapmux/shared/endpoint/initiator.ts";
import { flagClose, type Frame } from "@leapmux/shared/envelope/frame.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { parseCloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { EncryptionMode as Mode } from "@leapmux/shared/noise/primitives.ts";
import { createCallTransport } from "@leapmux/shared/wire/call-transport.ts";
import type { ClientDevice } from "./client-device.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { dialClientLink, type ClientLink } from "./client-link.ts";
import { knownHeaders } from "./known-logins.ts";
import { until } from "./until.ts";

export interface TestClient {
  readonly url: string;
  readonly control: Transport;
  readonly channels: Client<typeof ChannelService>;
  readonly workspaces: Client<typeof WorkspaceService>;
  readonly workers: Client<typeof WorkerService>;
  /** The mailbox between the devices of the account. */
  readonly mailbox: Client<typeof DeviceService>;
  readonly system: Client<typeof SystemService>;
  readonly link: ClientLink;
  readonly userId: string;
  /** The one worker that is online, waiting for it. */
  onlineWorkerId(): Promise<string>;
  openChannel(knobs?: ChannelKnobs): Promise<OpenResult>;
  /** As `openChannel`, for tests in which opening is not the question. */
  channel(knobs?: ChannelKnobs): Promise<TestChannel>;
  close(): void;
}

export interface ChannelKnobs {
  readonly workerId?: string;
  readonly channelId?: string;
  /** What the client believes, whatever the hub reports. */
  readonly mode?: Mode;
  readonly workerKey?: Uint8Array;
  /** What the claim says. */
  readonly userId?: string;
  /** The whole claim; by default the one of the client's device. */
  readonly claim?: InitiatorOptions["claim"];
  /** What the hub is told, where that shall differ from what is sealed. */
  readonly toldMode?: Mode;
  readonly toldChannelId?: string;
  readonly toldWorkerId?: string;
  readonly changeMessage1?: (message1: Uint8Array) => Uint8Array;
  readonly changeMessage2?: (message2: Uint8Array) => Uint8Array;
  /** Sealed frames on their way to the link; an empty list drops. */
  readonly onFrameUp?: (frame: Frame) => readonly Frame[];
  readonly onFrameDown?: (frame: Frame) => readonly Frame[];
  readonly clock?: Clock;
  /** Gives the opening up after this; only where the other side is known to stay silent. */
  readonly timeoutMs?: number;
}

export interface TestChannel {
  readonly channelId: string;
  readonly workerId: string;
  readonly initiator: Initiator;
  readonly transport: Transport;
  readonly terminals: Client<typeof TerminalService>;
  readonly info: Client<typeof WorkerInfoService>;
  readonly devices: Client<typeof WorkerDeviceService>;
  readonly closed: Promise<CloseReason>;
  /** Reasons in clear that came from the other side or the hub. */
  readonly closeFrames: readonly CloseReason[];
  closeReason(): CloseReason | undefined;
  close(): void;
}

export type OpenResult =
  | { readonly ok: true; readonly channel: TestChannel }
  | {
      readonly ok: false;
      readonly stage: "params" | "open" | "handshake" | "claim";
      readonly reason: string;
      readonly message: string;
    };

export interface ConnectOptions {
  /** Sends everything to this port instead, for a proxy in between; names stay those of `url`. */
  readonly throughPort?: number;
  readonly headers?: Record<string, string>;
  /** Signs its claims; without one it only says whose it is. */
  readonly device?: ClientDevice;
  /** Who it is at a hub with logins: an account that logs in for this client, or a login token. The first admin otherwise. */
  readonly login?:
    | { readonly username: string; readonly password: string }
    | { readonly token: string };
}

export async function connectClient(
  cleanup: Cleanup,
  url: string,
  options: ConnectOptions = {},
): Promise<TestClient> {
  const agent = makeAgent(url, options.throughPort);
  const headers = { ...(await identify(url, options.login)), ...options.headers };
  const control = connectAs(url, headers, agent);
  const link = await dialClientLink(url, { agent, headers });
  const channels = createClient(ChannelService, control);
  const workers = createClient(WorkerService, control);
  const system = createClient(SystemService, control);
  const { userId } = await system.getSystemInfo({});
  const close = (): void => {
    link.terminate();
    agent.destroy();
  };
  cleanup.add(close);

  const onlineWorkerId = (): Promise<string> =>
    until(
      async () => (await workers.listWorkers({})).workers.find(({ online }) => online)?.workerId,
      "a worker online",
    );

  const openChannel = async (knobs: ChannelKnobs = {}): Promise<OpenResult> => {
    const workerId = knobs.workerId ?? (await onlineWorkerId());
    const channelId = knobs.channelId ?? makeChannelId();
    const params = await channels
      .getWorkerHandshakeParams({ workerId: knobs.toldWorkerId ?? workerId })
      .catch((error: unknown) => ConnectError.from(error));
    if (params instanceof ConnectError) return refusal("params", params);
    const mode = knobs.mode ?? parseMode(params.encryptionMode);
    const closeFrames: CloseReason[] = [];
    let initiator: Initiator | undefined;
    const acceptFrame = (frame: Frame): void => {
      for (const passed of knobs.onFrameDown?.(frame) ?? [frame]) {
        if (passed.flags === flagClose) {
          closeFrames.push(parseCloseReason(Buffer.from(passed.ciphertext).toString("latin1")));
        }
        initiator?.acceptFrame(passed);
      }
    };
    const started = startInitiator({
      primitives: nativePrimitives,
      random: nodeRandom,
      clock: knobs.clock ?? nodeClock,
      mode,
      workerId,
      channelId,
      workerKey: knobs.workerKey ?? params.compositePublicKey,
      claim: knobs.claim ?? options.device?.claim ?? { userId: knobs.userId ?? userId },
      maxMessageBytes: params.maxMessageBytes,
      sendFrame: (frame) => {
        const passed = knobs.onFrameUp?.(frame) ?? [frame];
        if (passed.length > 0) link.sendFrames(...passed);
      },
    });
    if (!started.ok) return { stage: "handshake", ...started };
    const opened = await channels
      .openChannel({
        workerId: knobs.toldWorkerId ?? workerId,
        channelId: knobs.toldChannelId ?? channelId,
        linkId: link.linkId,
        encryptionMode: encodeMode(knobs.toldMode ?? mode),
        message1: knobs.changeMessage1?.(started.message1) ?? started.message1,
      })
      .catch((error: unknown) => ConnectError.from(error));
    if (opened instanceof ConnectError) {
      started.destroy();
      return refusal("open", opened);
    }
    const finished = started.finish(knobs.changeMessage2?.(opened.message2) ?? opened.message2);
    if (!finished.ok) {
      await channels.closeChannel({ channelId }).catch(() => undefined);
      return { ok: false, stage: "handshake", reason: finished.reason, message: finished.message };
    }
    ({ initiator } = finished);
    let reason: CloseReason | undefined;
    const closed = new Promise<CloseReason>((resolve) => {
      finished.initiator.pipe.onClose((why) => {
        reason = why;
        resolve(why);
      });
    });
    link.onFrames(channelId, acceptFrame);
    link.onClose(() => finished.initiator.close("link_lost"));
    if (knobs.timeoutMs !== undefined) {
      setTimeout(() => finished.initiator.close("closed"), knobs.timeoutMs);
    }
    const claimed = await finished.initiator.opened;
    if (!claimed.ok) {
      return { ok: false, stage: "claim", reason: claimed.reason, message: claimed.message };
    }
    const transport = createCallTransport(finished.initiator.pipe, {
      clock: knobs.clock ?? nodeClock,
    });
    return {
      ok: true,
      channel: {
        channelId,
        workerId,
        initiator: finished.initiator,
        transport,
        terminals: createClient(TerminalService, transport),
        info: createClient(WorkerInfoService, transport),
        devices: createClient(WorkerDeviceService, transport),
        closed,
        closeFrames,
        closeReason: () => reason,
        close: () => finished.initiator.close("closed"),
      },
    };
  };

  return {
    url,
    control,
    channels,
    workspaces: createClient(WorkspaceService, control),
    workers,
    mailbox: createClient(DeviceService, control),
    system,
    link,
    userId,
    onlineWorkerId,
    openChannel,
    async channel(knobs) {
      const result = await openChannel(knobs);
      if (!result.ok) {
        throw new Error(`channel refused (${result.stage}): ${result.reason} ${result.message}`);
      }
      return result.channel;
    },
    close,
  };
}

/** Resolves when the hub tells, from now on, that this kind of thing changed. */
export async function untilTold(
  { link }: TestClient,
  kind: "devices" | "registrations" | "workers",
): Promise<void> {
  const from = link.received.length;
  await until(
    () => link.received.slice(from).some(({ body }) => body.case === "changed" && body.value[kind]),
    `word of changed ${kind}`,
  );
}

async function identify(
  url: string,
  login: ConnectOptions["login"],
): Promise<Readonly<Record<string, string>>> {
  if (login === undefined) return knownHeaders(url);
  if ("token" in login) return { authorization: `Bearer ${login.token}` };
  return (await logIn(url, login)).headers;
}

export function makeChannelId(): string {
  return randomBytes(16).toString("base64url");
}

export function encodeMode(mode: Mode): EncryptionMode {
  return mode === "classic" ? EncryptionMode.CLASSIC : EncryptionMode.POST_QUANTUM;
}

function parseMode(mode: EncryptionMode): Mode {
  return mode === EncryptionMode.CLASSIC ? "classic" : "post-quantum";
}

/** The stable reason that a refusal of the hub carries; its Connect code where it has none. */
export function reasonOf(error: unknown): string {
  const connectError = ConnectError.from(error);
  const [detail] = connectError.findDetails(ErrorReasonSchema);
  return detail?.reason ?? `code ${connectError.code}`;
}

function refusal(stage: "params" | "open", error: ConnectError): OpenResult {
  return { ok: false, stage, reason: reasonOf(error), message: error.rawMessage };
}

function makeAgent(url: string, throughPort: number | undefined): Agent {
  if (url.startsWith("https:")) {
    if (throughPort !== undefined) throw new Error("no proxy in between reads TLS");
    return new SecureAgent({ keepAlive: true });
  }
  const agent = new Agent({ keepAlive: true });
  if (throughPort === undefined) return agent;
  return Object.assign(agent, { createConnection: () => connect(throughPort, "127.0.0.1") });
}

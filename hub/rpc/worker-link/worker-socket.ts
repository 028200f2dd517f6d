import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import {
  RelayedWorkerLinkDownSchema,
  RelayedWorkerLinkUpSchema,
  type RelayedWorkerLinkUp,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { linkRefusedCode } from "@leapmux/shared/limits/limits.ts";
import type { WebSocket } from "ws";
import type { Relay } from "../../relay/relay.ts";
import type { WorkerRow } from "../../store/schema.ts";
import { refuse } from "../refusal.ts";
import { runWorkerLink, type WorkerLinkParts } from "./worker-link-service.ts";

/** Messages that wait for the relay; beyond, the socket is not read. */
const maxWaiting = 16;

/**
 * A worker's link over a WebSocket: the same messages as over gRPC, one in each binary message. One is on its
 * way at a time; whatever else waits, waits in the fair queue.
 */
export function serveWorkerSocket(parts: WorkerLinkParts, socket: WebSocket, row: WorkerRow): void {
  const { relay } = parts;
  const gone = new AbortController();
  socket.on("close", () => gone.abort());

  async function write(): Promise<void> {
    const ends = { signal: gone.signal, cut: () => socket.terminate() };
    for await (const message of runWorkerLink(parts, row, readMessages(socket), ends)) {
      await send(socket, toBinary(RelayedWorkerLinkDownSchema, message));
    }
    close(relay, socket, 1000, "");
  }
  write().catch((error: unknown) => {
    if (!(error instanceof ConnectError)) {
      relay.log.failure("worker link failed", error, { workerId: row.worker_id });
    }
    refuseWorkerSocket(relay, socket, ConnectError.from(error, Code.Internal));
  });
}

/** Code and reason of the refusal are what gRPC would carry. */
export function refuseWorkerSocket(relay: Relay, socket: WebSocket, refusal: ConnectError): void {
  const reason = refusal.findDetails(ErrorReasonSchema)[0]?.reason ?? "";
  close(relay, socket, linkRefusedCode + refusal.code, reason);
}

async function* readMessages(socket: WebSocket): AsyncGenerator<RelayedWorkerLinkUp> {
  const waiting: (RelayedWorkerLinkUp | null)[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data, isBinary) => {
    waiting.push(isBinary ? decode(data as Buffer) : null);
    if (waiting.length >= maxWaiting) socket.pause();
    wake();
  });
  socket.on("close", () => wake());
  for (;;) {
    const message = waiting.shift();
    if (message === null) throw refuse("protocol_violation");
    if (message !== undefined) {
      if (waiting.length === 0) socket.resume();
      yield message;
    } else if (socket.readyState !== socket.OPEN) {
      return;
    } else {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
}

function decode(data: Buffer): RelayedWorkerLinkUp | null {
  try {
    return fromBinary(RelayedWorkerLinkUpSchema, data, { readUnknownFields: false });
  } catch {
    return null;
  }
}

/** Resolves when the network has it, or never will. */
function send(socket: WebSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.send(bytes, () => resolve()));
}

function close(relay: Relay, socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  // ws waits 30 s for the answer of a peer that may be gone; the hub does not.
  const cancel = relay.clock.after(1_000, () => socket.terminate());
  socket.once("close", cancel);
}

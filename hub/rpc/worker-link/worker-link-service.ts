import type { MethodImpl } from "@connectrpc/connect";
import type { DescMethodBiDiStreaming } from "@bufbuild/protobuf";
import {
  RelayedWorkerLinkDownSchema,
  RelayedWorkerLinkUpSchema,
  type RelayedWorkerLinkDown,
  type RelayedWorkerLinkUp,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { compositeKeyBytes, leastMaxMessageBytes } from "@leapmux/shared/limits/limits.ts";
import { modeOf } from "../../relay/encryption-mode.ts";
import type { AnnounceChange } from "../../relay/announce-change.ts";
import type { Relay } from "../../relay/relay.ts";
import { makeWorkerLink, type WorkerLinkPump } from "../../relay/serve-worker-link.ts";
import type { DeviceRevocations } from "../../store/device-revocations.ts";
import type { KeyedHash } from "../../store/keyed-hash.ts";
import type { RegistrationKeys } from "../../store/registration-keys.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { Workers } from "../../store/workers.ts";
import { cutOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";
import { forgetWorker } from "../worker/forget-worker.ts";
import { followWorker, workerOf } from "./authenticate-worker.ts";
import { listRevocations } from "./list-revocations.ts";
import { openingMessages } from "./opening-messages.ts";

/** The versions of the link between worker and hub that this hub speaks. */
const protocolVersions: readonly number[] = [1];

/** WorkerLinkService.Link as the relay reads it: batches stay encoded (relayed_link.proto). */
export const relayedLinkMethod: DescMethodBiDiStreaming<
  typeof RelayedWorkerLinkUpSchema,
  typeof RelayedWorkerLinkDownSchema
> = {
  ...WorkerLinkService.method.link,
  input: RelayedWorkerLinkUpSchema,
  output: RelayedWorkerLinkDownSchema,
};

export interface WorkerLinkParts {
  readonly relay: Relay;
  readonly workers: Workers;
  readonly registrationKeys: RegistrationKeys;
  readonly revocations: DeviceRevocations;
  readonly announceChange: AnnounceChange;
}

export function workerLinkMethod(
  parts: WorkerLinkParts & { readonly keyedHash: KeyedHash },
): MethodImpl<typeof relayedLinkMethod> {
  return async function* (requests, context) {
    const unfollow = followWorker(parts.keyedHash, context.requestHeader);
    const ends = { signal: context.signal, cut: cutOf(context) };
    try {
      yield* runWorkerLink(parts, workerOf(context), requests, ends);
    } finally {
      unfollow();
    }
  };
}

/**
 * A worker's link from its hello to its end. Reading runs beside writing; either's end is both's. Writing
 * is pulled: the stream asks for the next message when the last one is on its way, and gets all frames that
 * gathered meanwhile. Throws the refusal that the worker is to be told.
 */
export async function* runWorkerLink(
  parts: WorkerLinkParts,
  row: WorkerRow,
  requests: AsyncIterable<RelayedWorkerLinkUp>,
  /** `cut`: ends a stream that hangs in a message. */
  { signal, cut }: { readonly signal: AbortSignal; readonly cut: () => void },
): AsyncGenerator<RelayedWorkerLinkDown> {
  const { relay, workers } = parts;
  if (relay.isStopping) throw refuse("going_away", undefined, relay.limits.retryAfterMs);
  const incoming = requests[Symbol.asyncIterator]();
  const hello = await readHello(relay, incoming, signal);
  const pump = makeWorkerLink(relay, row, hello, {
    onDeregistered() {
      forgetWorker(parts, row)
        .catch((error: unknown) =>
          relay.log.failure("worker not removed", error, { workerId: row.worker_id }),
        )
        .finally(() =>
          pump.link.end({ reason: "deregistered", message: "the worker has deregistered" }),
        );
    },
    listRevocations: () => listRevocations(parts.revocations, row.user_id),
    cut,
  });
  const { storeHello, storeLastSeen } = workers;
  if (changed(row, hello)) {
    relay.log.warn("worker reports another key or mode", { workerId: row.worker_id });
    await storeHello(row.worker_id, {
      composite_public_key: hello.compositePublicKey,
      encryption_mode: hello.mode,
    });
  }
  await storeLastSeen(row.worker_id, relay.clock.wallMs());
  // At once: the stream may hang in a write that nobody will ever take.
  const onAbort = (): void => {
    pump.finish();
    relay.removeWorker(pump.link);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const reading = receiveAll(pump, incoming);
  try {
    yield* pump.messages(openingMessages(parts, row, pump));
    if (pump.ended?.reason === "protocol_violation") {
      throw refuse("protocol_violation", pump.ended.message);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    pump.finish();
    relay.removeWorker(pump.link);
    await storeLastSeen(row.worker_id, relay.clock.wallMs()).catch(() => undefined);
    void incoming.return?.().catch(() => undefined);
    void reading;
  }
}

export interface ParsedHello {
  readonly compositePublicKey: Uint8Array;
  readonly mode: "classic" | "post-quantum";
  readonly maxMessageBytes: number;
  readonly protocolVersion: number;
}

async function readHello(
  relay: Relay,
  incoming: AsyncIterator<RelayedWorkerLinkUp>,
  signal: AbortSignal,
): Promise<ParsedHello> {
  const first = await withDeadline(relay, incoming.next(), signal);
  const body = first?.done === false ? first.value.body : undefined;
  if (body?.case !== "hello") {
    throw refuse("protocol_violation", "a worker's link begins with its hello, within 10 s");
  }
  const { compositePublicKey, encryptionMode, maxMessageBytes } = body.value;
  const protocolVersion = body.value.protocolVersions.find((version) =>
    protocolVersions.includes(version),
  );
  if (protocolVersion === undefined) {
    throw refuse(
      "version_unsupported",
      `this hub speaks version ${protocolVersions.join(", ")} of the worker link: update the older side`,
    );
  }
  const mode = modeOf(encryptionMode);
  if (
    mode === null ||
    compositePublicKey.length !== compositeKeyBytes ||
    maxMessageBytes < leastMaxMessageBytes
  ) {
    throw refuse("protocol_violation", "the worker's hello is not valid");
  }
  return {
    compositePublicKey,
    mode,
    maxMessageBytes: Math.min(maxMessageBytes, relay.limits.maxMessageBytes),
    protocolVersion,
  };
}

/** Null when the worker stays silent or its call ends. */
function withDeadline<T>(
  relay: Relay,
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = relay.clock.after(relay.limits.workerDeadMs, () => resolve(null));
    signal.addEventListener("abort", () => resolve(null), { once: true });
    promise.then(resolve, reject).finally(cancel);
  });
}

async function receiveAll(
  pump: WorkerLinkPump,
  incoming: AsyncIterator<RelayedWorkerLinkUp>,
): Promise<void> {
  try {
    for (;;) {
      const next = await incoming.next();
      if (next.done === true || !pump.receive(next.value)) break;
    }
  } catch {
    // The network or the worker ended it; the link below tells.
  }
  pump.finish();
}

function changed(row: WorkerRow, hello: ParsedHello): boolean {
  return (
    row.encryption_mode !== hello.mode ||
    Buffer.compare(row.composite_public_key, hello.compositePublicKey) !== 0
  );
}

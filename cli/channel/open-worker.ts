// From a name that a person typed to an open channel: the pin asked, the device approved, the revocations
// that this account knows handed over.
import { createClient, type Transport } from "@connectrpc/connect";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { describeCloseReason } from "@leapmux/shared/errors/describe-close-reason.ts";
import {
  type Fingerprint,
  fingerprint,
  formatWords,
} from "@leapmux/shared/identity/fingerprint.ts";
import { CommandError } from "../command-error.ts";
import type { Output } from "../output.ts";
import { makeWorkerGate, type WorkerGate } from "./admit-worker.ts";
import { askPerson } from "./ask-person.ts";
import { awaitApproval } from "./await-approval.ts";
import type { ListedWorker } from "./choose-worker.ts";
import { loadDeviceKey } from "./device-key-file.ts";
import { type KnownHub, notLoggedIn } from "./meet-hub.ts";
import type { PinFile } from "./pin-file.ts";
import { RefusedError } from "./refused-error.ts";
import { unlessAborted } from "./unless-aborted.ts";
import {
  makeWorkerChannel,
  type WorkerChannel,
  type WorkerChannelEvents,
} from "./worker-channel.ts";

export interface OpenWorker {
  readonly channel: WorkerChannel;
  /** Of the channel that is open now. */
  readonly transport: Transport;
  /** Who hears of what happens to link and channel from here on. */
  readonly events: { current: WorkerChannelEvents };
}

const mostPerDelivery = 32;
const deliveryTimeoutMs = 20_000;

export async function openWorker(options: {
  readonly known: KnownHub;
  readonly worker: ListedWorker;
  readonly pins: PinFile;
  readonly configHome: string;
  /** Four or eight words that the person knows already, joined by dashes. */
  readonly expectedWords: string | undefined;
  /** Somebody can be asked. */
  readonly canAsk: boolean;
  readonly output: Output;
  readonly signal: AbortSignal;
}): Promise<OpenWorker> {
  const { known, worker, pins, output, signal } = options;
  const { workerId, name } = worker;
  const storage = pins.storageOf(known.hub, () => name);
  // A damaged file is told as what it is, and before anything is sent.
  const pinned = pins.list().filter(({ hub }) => hub === known.hub);
  const device = known.isSolo ? undefined : loadDeviceKey(options.configHome, known.hub);
  warnOfNames(pinned);

  const gate = makeWorkerGate({
    storage,
    nowMs: () => Date.now(),
    fingerprint: (compositeKey) => fingerprint(compositeKey, nativeScrypt),
    confirmFirst,
  });
  let roused = Promise.withResolvers<"devices" | "channel">();
  const rouse = (what: "devices" | "channel") => {
    const { resolve } = roused;
    roused = Promise.withResolvers();
    resolve(what);
  };
  let isLoginOver = false;
  const events: { current: WorkerChannelEvents } = {
    current: {
      onLink(link) {
        isLoginOver ||= link.kind === "ended";
        rouse("channel");
      },
      onState: () => rouse("channel"),
      onDevices: () => rouse("devices"),
    },
  };
  const channel = makeWorkerChannel({
    hub: known.hub,
    loginToken: known.loginToken,
    workerId,
    callHub: known.callHub,
    gate,
    device,
    events: {
      onLink: (link) => events.current.onLink(link),
      onState: (state) => events.current.onState(state),
      onDevices: () => events.current.onDevices(),
    },
  });

  try {
    output.progress(`Opening ${name} …`);
    while (channel.state.kind !== "open") {
      if (isLoginOver) throw notLoggedIn(known.hub, true);
      const { state } = channel;
      if (state.kind === "refused" && state.reason === "device_not_trusted" && device) {
        output.progress("");
        await awaitApproval({
          known,
          channel,
          devicePublicKey: device.publicKey,
          workerName: name,
          nextChange: () => roused.promise,
          output: { ...output, say: (text) => void process.stderr.write(`${text}\n`) },
          signal,
        });
      } else if (state.kind === "refused") {
        throw explainRefusal(state.reason, { known, worker, gate, pins });
      }
      const changed = roused.promise;
      if (["open", "refused"].includes(channel.state.kind) || isLoginOver) continue;
      await unlessAborted(changed, signal);
    }
    output.progress("");
    const transport = await channel.whenOpen(signal);
    if (device) void deliverRevocations(known, transport);
    return { channel, transport, events };
  } catch (error) {
    channel.close();
    output.progress("");
    throw error;
  }

  /** Names are the hub's word. One that now leads to another worker is how a hub would try it. */
  function warnOfNames(known_: ReturnType<PinFile["list"]>): void {
    const own = known_.find((pin) => pin.workerId === workerId);
    const other = known_.find((pin) => pin.name === name && pin.workerId !== workerId);
    if (own && own.name !== name)
      output.warn(`${name} was called ${own.name} when it was used last`);
    else if (!own && other) {
      output.warn(`another worker (${other.workerId}) was called ${name} when it was used last`);
    }
  }

  async function confirmFirst(words: Fingerprint): Promise<boolean> {
    const [short, long] = [formatWords(words.words), formatWords(words.longWords)];
    if (options.expectedWords !== undefined) {
      return [short, long].includes(options.expectedWords);
    }
    if (known.isSolo) return true;
    output.progress("");
    process.stderr.write(
      `This command line meets ${name} for the first time. The words of its key:\n  ${long}\n` +
        "`leapmux worker fingerprint` on its own machine prints the same, or it is not that worker.\n",
    );
    if (!options.canAsk) return false;
    return await askPerson("Are they the same? [y/N] ", signal);
  }
}

function explainRefusal(
  reason: CloseReason,
  about: { known: KnownHub; worker: ListedWorker; gate: WorkerGate; pins: PinFile },
): CommandError {
  const { known, worker, gate, pins } = about;
  const { name, workerId } = worker;
  const { refusal } = gate;
  if (refusal?.kind === "not_confirmed") {
    return new RefusedError(
      `the key of ${name} was not confirmed, so nothing was opened; its words: ${formatWords(refusal.actual.longWords)}`,
      "Where nobody can be asked, give the words that the worker's own machine prints: --trust WORDS.",
    );
  }
  if (refusal) {
    const clear = `leapmux pins remove ${workerId} --hub ${known.hub}`;
    const what =
      refusal.kind === "mode"
        ? `the hub offers ${name} without its post-quantum keys`
        : `WORKER PUBLIC KEY CHANGED: ${name} had ${formatWords(refusal.expected.longWords)}, and the hub now offers ${formatWords(refusal.actual.longWords)}`;
    return new RefusedError(
      what,
      `Somebody may be in between. If the worker was set up anew and its own machine prints the new words: ${clear}`,
    );
  }
  if (reason === "pins_unreadable") {
    return new CommandError("failure", `${pins.path} cannot be read or written`);
  }
  if (reason === "device_not_trusted") {
    return new RefusedError(`${name} wants to know who calls, and this hub has no logins`);
  }
  return new RefusedError(`${name} was not opened: ${describeCloseReason(reason)}`);
}

/** A hub can only delay a revocation, not suppress it: every device that knows of one hands it over (protocol §7). */
async function deliverRevocations(known: KnownHub, transport: Transport): Promise<void> {
  const listed = await known.callHub(DeviceService.method.listRevocations, {}, {});
  if (!listed.ok) return;
  const worker = createClient(WorkerDeviceService, transport);
  const all = listed.response.signedRevocations;
  for (let at = 0; at < all.length; at += mostPerDelivery) {
    const signedRevocations = all.slice(at, at + mostPerDelivery);
    // A worker without devices, or one that went away: the next opening tries again.
    await worker
      .deliverRevocations({ signedRevocations }, { timeoutMs: deliveryTimeoutMs })
      .catch(() => undefined);
  }
}

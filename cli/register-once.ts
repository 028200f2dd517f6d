// The registration of a worker at its hub: once in its life, with a key that works once. A hub that
// cannot be reached is tried again and again; a hub that says no is believed.
import { setTimeout as wait } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { makeReconnectDelay } from "@leapmux/shared/link/reconnect-delay.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { parsePairingKey } from "@leapmux/shared/identity/pairing.ts";
import type { Worker } from "@leapmux/worker/context.ts";
import { CommandError } from "./command-error.ts";
import type { SettingValues, workerSettings } from "./config/settings.ts";
import type { Output } from "./output.ts";
import { refusedBefore } from "./refused-before.ts";
import { unpaired } from "./unpaired.ts";

export interface RegisterOnceOptions {
  worker: Worker;
  settings: SettingValues<typeof workerSettings.table>;
  output: Output;
  signal: AbortSignal;
}

/** Codes after which the same call may succeed. */
const passing: ReadonlySet<Code> = new Set([
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Aborted,
  Code.Internal,
  Code.Unknown,
  Code.ResourceExhausted,
]);

/** False when somebody asked to stop before it came to an end. */
export async function registerOnce(options: RegisterOnceOptions): Promise<boolean> {
  const { worker, settings, output, signal } = options;
  const { registrationKey: key, hub } = settings;
  if (worker.identity.workerToken !== null) {
    if (key === undefined) return true;
    throw new CommandError(
      "failure",
      "this worker is registered already and needs no key",
      "Start it without one; for another hub choose another --data-dir.",
    );
  }
  if (key === undefined && worker.refusedState !== null) {
    throw refusedBefore(hub, worker.refusedState);
  }
  if (key === undefined) {
    throw new CommandError(
      "failure",
      "this worker is not registered with a hub yet",
      'Start it once with LEAPMUX_WORKER_REGISTRATION_KEY set to a key out of the browser: "Register a worker".',
    );
  }

  const pairingKey = parsePairingKey(key);
  if (!pairingKey) {
    throw new CommandError(
      "failure",
      "the registration key is not whole: what stands behind its dot is damaged",
      "Copy the whole command from the browser again.",
    );
  }

  const delay = makeReconnectDelay({ clock: nodeClock, random: nodeRandom });
  while (!signal.aborted) {
    try {
      await worker.register(pairingKey);
      output.print(`Registered with ${hub}.`);
      if (pairingKey.secret === null && settings.clientAuth === "paired") output.warn(unpaired);
      return true;
    } catch (error) {
      const failed = ConnectError.from(error);
      const reason = readErrorReason(failed);
      const mayPass = reason === undefined || reason === "going_away";
      if (!mayPass || !passing.has(failed.code)) throw refusal(hub, failed, reason);
      const delayMs = delay.next();
      const seconds = Math.max(1, Math.round(delayMs / 1000));
      output.warn(
        `the hub at ${hub} cannot be reached (${Code[failed.code]}); next try in ${seconds} s`,
      );
      await wait(delayMs, undefined, { signal }).catch(() => {});
    }
  }
  return false;
}

/** Only words of our own: what a hub writes is not shown on a terminal. */
const keyRefusals: Readonly<Record<string, string>> = {
  registration_key_missing: "does not look like one",
  registration_key_unknown: "is not known there",
  registration_key_used: "was used already",
  registration_key_expired: "has expired",
  registration_key_destroyed: "was withdrawn",
};

const nextSteps: Readonly<Record<string, string>> = {
  limit_reached: "The hub has too many workers: remove one there first.",
  already_exists:
    "The hub has a worker of this id: deregister it there first, twice because it is away.",
};

function refusal(hub: string, failed: ConnectError, reason: string | undefined): CommandError {
  const ofKey = reason === undefined ? undefined : keyRefusals[reason];
  if (ofKey !== undefined || failed.code === Code.Unauthenticated) {
    return new CommandError(
      "failure",
      `the hub at ${hub} does not take the registration key: it ${ofKey ?? "is not valid"}`,
      'Get a new one in the browser, with "Register a worker": it is good once and for five minutes.',
      failed,
    );
  }
  const next = reason === undefined ? undefined : nextSteps[reason];
  const message = `the hub at ${hub} refuses the registration (${Code[failed.code]})`;
  return new CommandError("failure", message, next, failed);
}

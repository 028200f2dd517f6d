import { orderDeregistration } from "../../relay/deregister-worker.ts";
import type { Relay } from "../../relay/relay.ts";
import {
  revocationsBody,
  type LinkDownBody,
  type WorkerLinkPump,
} from "../../relay/serve-worker-link.ts";
import type { DeviceRevocations } from "../../store/device-revocations.ts";
import type { RegistrationKeys } from "../../store/registration-keys.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { Workers } from "../../store/workers.ts";
import { refuse } from "../refusal.ts";

/** Of at most 16 KiB each: half of what one message of a link may have. */
const revocationsPerMessage = 32;

/**
 * What a worker has to know before it is online: every revocation of the account comes before the first
 * opening can. Read in pages and only as fast as the worker takes them. Whatever is stored while it comes in
 * is found by looking once more behind it.
 */
export async function* missedMessages(
  parts: {
    readonly relay: Relay;
    readonly workers: Workers;
    readonly registrationKeys: RegistrationKeys;
    readonly revocations: DeviceRevocations;
  },
  row: WorkerRow,
  pump: WorkerLinkPump,
): AsyncGenerator<LinkDownBody> {
  const { relay, workers, registrationKeys, revocations } = parts;
  const { link } = pump;

  // 1. One that has to stop hears nothing else, and never gets online.
  if (row.deregistering === 1) return link.sendDeregister();

  // 2. What was revoked.
  let seen = 0;
  for (;;) {
    const page = await revocations.list(row.user_id, seen, revocationsPerMessage);
    const last = page.at(-1);
    if (last === undefined) break;
    seen = last.sequence;
    yield revocationsBody(page.map((each) => each.signed_revocation));
  }

  // 3. Online: from here on everything new is sent to the link as it comes.
  if (pump.isFinished) return;
  if (relay.isStopping) throw refuse("going_away", undefined, relay.limits.retryAfterMs);
  relay.addWorker(link);

  // 4. What came between the last look and this moment.
  const current = await workers.find(row.worker_id);
  if (current === undefined) throw refuse("worker_token_refused");
  if (current.deregistering === 1) return orderDeregistration(relay, link);
  const late = await revocations.list(row.user_id, seen, revocationsPerMessage);
  if (late.length > 0) yield revocationsBody(late.map((each) => each.signed_revocation));
  const answer = await registrationKeys.findAnswer(row.worker_id, relay.clock.wallMs());
  if (answer !== undefined) link.sendPairingAnswer(answer);
}

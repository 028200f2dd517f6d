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
import { revocationsPerMessage } from "./list-revocations.ts";

/**
 * How a link begins: the welcome, and every revocation of the account before any opening can come. Long lists
 * are read in pages, only as fast as the worker takes them. What is stored meanwhile is found by looking
 * once more when the link is in the table.
 */
export async function* openingMessages(
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
  let seen = 0;
  async function nextPage(): Promise<Uint8Array[]> {
    const page = await revocations.list(row.user_id, seen, revocationsPerMessage);
    seen = page.at(-1)?.sequence ?? seen;
    return page.map((each) => each.signed_revocation);
  }

  // 1. One that has to stop hears nothing else, and never gets online.
  if (row.deregistering === 1) {
    link.sendDeregister();
    yield pump.welcome;
    return;
  }

  // 2. What was revoked. The last page waits in the link, ahead of any opening.
  let page = await nextPage();
  const isLong = page.length === revocationsPerMessage;
  if (isLong) yield pump.welcome;
  while (page.length === revocationsPerMessage) {
    yield revocationsBody(page);
    page = await nextPage();
  }
  if (page.length > 0) link.sendRevocations(page);

  // 3. Online: from here on everything new is sent to the link as it comes.
  if (pump.isFinished) return;
  if (relay.isStopping) throw refuse("going_away", undefined, relay.limits.retryAfterMs);
  relay.addWorker(link);
  if (!isLong) yield pump.welcome;

  // 4. What came between the last look and that moment.
  const current = await workers.find(row.worker_id);
  if (current === undefined) throw refuse("worker_token_refused");
  if (current.deregistering === 1) return orderDeregistration(relay, link);
  const late = await nextPage();
  if (late.length > 0) link.sendRevocations(late);
  const answer = await registrationKeys.findAnswer(row.worker_id, relay.clock.wallMs());
  if (answer !== undefined) link.sendPairingAnswer(answer);
}

import { networkOf } from "../accounts/network-of.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { AuditChain } from "./audit-chain.ts";
import { noTarget, stranger, systemActor, type AuditEvent } from "./audit-event.ts";

/**
 * What the hub's parts tell the audit log. Three ways in, by who may wait: an administrative act waits and
 * does not happen where its entry cannot be written; what people do with their own account waits as well, and
 * is counted instead of listed when it comes in masses; the relay never waits.
 */
export interface AuditLog {
  /** Rejects where it could not be written: the act must not go on. */
  append(event: AuditEvent): Promise<void>;
  /** For what anybody can cause again and again: some are written, the rest of a window as one with a number. */
  record(event: AuditEvent): Promise<void>;
  /** Never waits and never throws. Bounded: what is lost is counted in an entry of its own. */
  recordSoon(event: AuditEvent): void;
  /** Writes and signs everything. */
  stop(): Promise<void>;
}

interface Counted {
  readonly event: AuditEvent;
  written: number;
  surplus: number;
}

const maxBatch = 64;
const maxCountedActors = 10_000;

export function makeAuditLog(options: {
  readonly chain: AuditChain;
  readonly clock: HubClock;
  readonly limits: HubLimits;
  readonly log: HubLog;
}): AuditLog {
  const { chain, clock, limits, log } = options;
  const counts = { strangers: new Map<string, Counted>(), known: new Map<string, Counted>() };
  let queue: AuditEvent[] = [];
  let lost = 0;
  let isUnsigned = false;
  let draining: Promise<void> | null = null;

  async function append(events: readonly AuditEvent[]): Promise<void> {
    await chain.append(events);
    isUnsigned = true;
  }

  /** True: it is counted, and nothing is to be written now. */
  function isSurplus(event: AuditEvent): boolean {
    const counted = findCount(event);
    const most =
      event.result === "done" ? limits.auditActsPerWindow : limits.auditRefusalsPerWindow;
    if (counted.written < most) counted.written += 1;
    else counted.surplus += 1;
    return counted.surplus > 0;
  }

  function findCount(event: AuditEvent): Counted {
    const { actor, address, action, result, detail = {} } = event;
    const isKnown = actor.kind !== "stranger";
    const [table, maxKeys] = isKnown
      ? ([counts.known, maxCountedActors] as const)
      : ([counts.strangers, limits.maxAuditedNetworks] as const);
    const who = isKnown ? `${actor.kind} ${actor.id} ${actor.via}` : networkOf(address);
    const own = `${action} ${result} ${detail["reason"] ?? ""} ${who}`;
    const reason = detail["reason"] === undefined ? {} : { reason: detail["reason"] };
    const found = table.get(own);
    if (found !== undefined) return found;
    const isFull = table.size >= maxKeys;
    const key = isFull ? `${action} ${result}` : own;
    const counted = table.get(key) ?? {
      event: {
        ...event,
        ...(isFull ? { actor: { ...actor, id: "", via: "" }, address: "" } : {}),
        ...(isFull || isKnown ? {} : { address: networkOf(address) }),
        target: noTarget,
        detail: isFull ? {} : reason,
      },
      // Those that nobody can be told apart in are not written one by one.
      written: isFull ? Infinity : 0,
      surplus: 0,
    };
    table.set(key, counted);
    return counted;
  }

  function takeCounted(): AuditEvent[] {
    const events = [...counts.strangers.values(), ...counts.known.values()]
      .filter(({ surplus }) => surplus > 0)
      .map(({ event, surplus }) => ({ ...event, detail: { ...event.detail, count: surplus } }));
    counts.strangers.clear();
    counts.known.clear();
    return events;
  }

  function enqueue(events: readonly AuditEvent[]): void {
    const room = Math.max(0, limits.maxQueuedAuditEntries - queue.length);
    queue.push(...events.slice(0, room));
    lost += Math.max(0, events.length - room);
    startDraining();
  }

  function startDraining(): void {
    if (queue.length === 0) return;
    draining ??= drain().finally(() => {
      draining = null;
      // What came when the last batch was written already, and this was not over yet.
      startDraining();
    });
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, maxBatch);
      queue = queue.slice(batch.length);
      const missing = lost;
      if (missing > 0) batch.push(lostEvent(missing));
      try {
        await append(batch);
        lost -= missing;
      } catch (error) {
        lost += batch.length - (missing > 0 ? 1 : 0);
        log.failure("audit entries not written", error, { count: batch.length });
      }
    }
  }

  async function sign(): Promise<void> {
    if (!isUnsigned) return;
    isUnsigned = false;
    try {
      await chain.sign();
    } catch (error) {
      isUnsigned = true;
      log.failure("audit log not signed", error);
    }
  }

  const stopSigning = every(clock, limits.auditSignEveryMs, () => void sign());
  const stopCounting = every(clock, limits.auditWindowMs, () => enqueue(takeCounted()));

  return {
    append: (event) => append([event]),
    async record(event) {
      if (!isSurplus(event)) await append([event]);
    },
    recordSoon(event) {
      if (!isSurplus(event)) enqueue([event]);
    },
    async stop() {
      stopSigning();
      stopCounting();
      enqueue(takeCounted());
      while (draining !== null) await draining;
      await sign();
    },
  };
}

function lostEvent(count: number): AuditEvent {
  return {
    actor: systemActor,
    address: "",
    action: "audit.lost",
    target: noTarget,
    result: "failed",
    detail: { count },
  };
}

/** Somebody whom nobody knows, who was refused. */
export function refusedStranger(
  action: "login.failed" | "worker.link_refused",
  address: string,
  reason: string,
): AuditEvent {
  return {
    actor: stranger,
    address,
    action,
    target: noTarget,
    result: "refused",
    detail: { reason },
  };
}

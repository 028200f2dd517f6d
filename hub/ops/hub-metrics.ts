import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AuditReader } from "../audit/audit-reader.ts";
import type { Relay } from "../relay/relay.ts";

/**
 * What Prometheus is told. Labels come from closed lists (services and methods of the interface, codes), so
 * that no caller can add one, and nothing in them says who anybody is. What the relay counts it counts in plain
 * numbers, once for each batch; they are read when somebody asks.
 */
export interface HubMetrics {
  countCall(service: string, method: string, code: string, seconds: number): void;
  /** In the text format of Prometheus. */
  read(): Promise<string>;
  readonly contentType: string;
}

export function makeHubMetrics(parts: {
  readonly relay: Relay;
  readonly auditReader: AuditReader;
}): HubMetrics {
  const { relay, auditReader } = parts;
  const registry = new Registry();
  const registers = [registry];
  const calls = new Counter({
    name: "leapmux_rpc_requests_total",
    help: "Calls, by what they were and how they ended.",
    labelNames: ["service", "method", "code"],
    registers,
  });
  const durations = new Histogram({
    name: "leapmux_rpc_request_duration_seconds",
    help: "How long calls took until their answer, or until their stream began.",
    labelNames: ["service", "method"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const metric: Gauge = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        metric.set(await read());
      },
    });
    registry.registerMetric(metric);
  }
  function counter(name: string, help: string, read: () => number): void {
    const metric: Counter = new Counter({
      name,
      help,
      registers: [],
      collect() {
        metric.reset();
        metric.inc(read());
      },
    });
    registry.registerMetric(metric);
  }
  const waiting = (links: Iterable<{ readonly outlet: { readonly bytes: number } }>) =>
    [...links].reduce((sum, { outlet }) => sum + outlet.bytes, 0);

  gauge("leapmux_active_workers", "Workers that are online.", () => relay.workers.size);
  gauge(
    "leapmux_active_channels",
    "Channels that are open or being opened.",
    () => relay.channels.size,
  );
  gauge("leapmux_ws_connections_active", "Links of clients.", () => relay.clients.size);
  gauge("leapmux_client_queue_bytes", "Frames that wait for clients.", () =>
    waiting(relay.clients.values()),
  );
  gauge("leapmux_worker_queue_bytes", "Frames that wait for workers.", () =>
    waiting(relay.workers.values()),
  );
  counter(
    "leapmux_relayed_batches_total",
    "Batches of frames that came in.",
    () => relay.traffic.batches,
  );
  counter("leapmux_relayed_frames_total", "Frames that came in.", () => relay.traffic.frames);
  counter(
    "leapmux_relayed_bytes_total",
    "Bytes of batches that came in.",
    () => relay.traffic.bytes,
  );
  gauge(
    "leapmux_audit_sequence",
    "The last entry of the audit log.",
    async () => (await auditReader.head()).sequence,
  );
  gauge(
    "leapmux_audit_signed_sequence",
    "The last entry that a signature covers.",
    async () => (await auditReader.head()).signedSequence,
  );

  return {
    countCall(service, method, code, seconds) {
      calls.inc({ service, method, code });
      durations.observe({ service, method }, seconds);
    },
    read: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

import type { Evidence } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { describeOpeningRefusal } from "./describe-channel.ts";

const sentences: Readonly<Record<string, string>> = {
  worker_started: "The worker started",
  worker_stopped: "The worker stopped",
  channel_opened: "A window was connected",
  channel_closed: "A window was disconnected",
  terminal_opened: "A terminal was started",
  terminal_restarted: "A terminal was started anew",
  terminal_closed: "A terminal was closed",
};

/** A newer worker may know more than this page: its own word, then. */
export function describeEvidence({
  action,
  reason,
  count,
}: Pick<Evidence, "action" | "reason" | "count">): string {
  if (action !== "opening_refused") return sentences[action] ?? action;
  if (count > 1n) return `${count} more openings were refused`;
  const why = describeOpeningRefusal(reason);
  return why.startsWith("Refused") ? why : `Refused: ${why[0]?.toLowerCase()}${why.slice(1)}`;
}

import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { WorkerConnectionState } from "../link/link-state.ts";

/** How the channel to a worker stands, in words for people. */
export function describeChannelRefusal(reason: CloseReason, workerName: string): string {
  switch (reason) {
    case "key_changed":
      return `The key of “${workerName}” changed and you rejected it. Reload the page to decide again.`;
    case "mode_refused":
      // The worker refused it, or a person did when asked about a weaker one.
      return `The encryption mode that the hub reports for “${workerName}” was refused. If its owner changed it, reload the page.`;
    case "version_unsupported":
      return `“${workerName}” speaks another version of the protocol. Update it, or reload the page.`;
    case "device_not_trusted":
      return `“${workerName}” does not know this browser yet. Pair it first.`;
    case "worker_deregistered":
      return `“${workerName}” was taken off this hub. It stops everything that runs on it.`;
    case "pins_unreadable":
      return "This browser cannot read the keys that it keeps, so none can be checked. Allow the page to store data, then reload it.";
    default:
      return `“${workerName}” refused this browser (${reason.replaceAll("_", " ")}).`;
  }
}

/** The one small mark of the status line. */
export interface TrustMark {
  readonly kind: "verified" | "pinned" | "first" | "refused" | "opening" | "none";
  readonly label: string;
  readonly explanation: string;
}

export function trustMarkOf(state: WorkerConnectionState, workerName: string): TrustMark {
  if (state.kind === "refused") {
    return {
      kind: "refused",
      label: "Refused",
      explanation: describeChannelRefusal(state.reason, workerName),
    };
  }
  if (state.kind === "opening" || state.kind === "idle") {
    return { kind: "opening", label: "Opening", explanation: "The channel is being set up." };
  }
  if (state.kind === "waiting") {
    return { kind: "none", label: "No channel", explanation: "The channel opens again by itself." };
  }
  switch (state.trust) {
    case "verified":
      return {
        kind: "verified",
        label: "Verified",
        explanation: "The worker proved the key that you compared when it was paired.",
      };
    case "pinned":
      return {
        kind: "pinned",
        label: "Pinned",
        explanation: "The worker proved the same key as on your earlier visits with this browser.",
      };
    case "first":
      return {
        kind: "first",
        label: "Newly pinned",
        explanation:
          "This browser meets this key for the first time and keeps it from now on. To be sure that it is the worker's own, compare the words with those that the worker prints at its start.",
      };
  }
}

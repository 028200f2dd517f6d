import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";

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
      return `“${workerName}” does not know this browser. Another device of yours can approve it, or somebody on the worker’s console.`;
    case "worker_deregistered":
      return `“${workerName}” was taken off this hub. It stops everything that runs on it.`;
    case "pins_unreadable":
      return "This browser cannot read the keys that it keeps, so none can be checked. Allow the page to store data, then reload it.";
    default:
      return `“${workerName}” refused this browser (${reason.replaceAll("_", " ")}).`;
  }
}

/** Why a worker let somebody not in, for its owner. */
export function describeOpeningRefusal(reason: string): string {
  switch (reason) {
    case "device_not_trusted":
      return "A device that it does not trust";
    case "user_mismatch":
      return "A user that is not the one whom the hub announced";
    case "user_not_verified":
      return "Somebody who named no user";
    case "mode_refused":
      return "Weaker encryption than its own";
    default:
      return `Refused: ${reason.slice(0, 64).replaceAll("_", " ")}`;
  }
}

/** Who else has a channel to the worker; undefined where the worker knows nobody by device. */
export function describeConnected(
  devices: readonly { readonly deviceId: string; readonly connected: boolean }[],
  clientAuth: string,
  ownDeviceId: string,
): string | undefined {
  if (clientAuth !== "paired") return undefined;
  const others = devices.filter(({ connected, deviceId }) => connected && deviceId !== ownDeviceId);
  if (others.length === 0) return "Nobody";
  return others.length === 1 ? "1 other device" : `${others.length} other devices`;
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
        explanation:
          "The worker proved the key that it was paired with, so nobody between you and it can pose as it, the hub included.",
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

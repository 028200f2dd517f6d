import { ConnectError } from "@connectrpc/connect";
import { DeviceError, type DeviceTrouble } from "../trust/device-operations.ts";
import { describeFailure } from "../workspace/describe-failure.ts";

/** Why this browser has no device key, and what to do about it. */
export function describeDeviceTrouble(trouble: DeviceTrouble): string {
  switch (trouble) {
    case "key_damaged":
      return "The key that this browser keeps for itself cannot be read any more. With a new one it is a stranger to your workers until another device approves it.";
    case "insecure_page":
      return "This page did not come over https, and without it browsers keep no keys. Open the hub by its https address.";
    case "storage_refused":
      return "This browser does not let the page store a key. Allow it to store data, or leave the private window, then reload the page.";
    case "failed":
      return "The device key could not be used. Reload the page and try it again.";
  }
}

/** What went wrong with a device, whether here or at the hub. */
export function describeDeviceFailure(error: unknown): string {
  if (error instanceof DeviceError) return describeDeviceTrouble(error.trouble);
  if (error instanceof ConnectError) return describeFailure(error);
  return describeDeviceTrouble("failed");
}

/** "in 3 months" says less than how long that is. */
export function formatDaysLeft(untilMs: number, nowMs: number): string {
  const days = Math.floor((untilMs - nowMs) / (24 * 60 * 60_000));
  if (days < 0) return "ran out";
  if (days === 0) return "less than a day left";
  return days === 1 ? "1 day left" : `${days} days left`;
}

/** The four words in one, as a command takes them. */
export function approveCommand(words: readonly string[]): string {
  return `leapmux worker devices approve ${words.join("-")}`;
}

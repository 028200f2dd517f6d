// A device that a worker does not trust yet: asks the account's other devices, shows its words, and waits
// until the worker opens, whichever way it was approved (docs/devices.md). The worker's console says nothing
// to anybody, so the worker is asked again now and then.
import { setTimeout as wait } from "node:timers/promises";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { followOwnApproval, type OwnApproval } from "@leapmux/shared/client/own-approval.ts";
import { decodeGrant } from "@leapmux/shared/devices/grant.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { deviceFingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import type { Output } from "../output.ts";
import type { KnownHub } from "./meet-hub.ts";
import { RefusedError } from "./refused-error.ts";
import type { WorkerChannel } from "./worker-channel.ts";

const lifetimeMs = 10 * 60_000;
const retryMs = 10_000;
const mostGrants = 256;

export async function awaitApproval(options: {
  readonly known: KnownHub;
  readonly channel: WorkerChannel;
  readonly devicePublicKey: Uint8Array;
  readonly workerName: string;
  /** Settles at the next change of the channel, or of the account's devices. */
  readonly nextChange: () => Promise<"devices" | "channel">;
  /** What people read while it waits. */
  readonly output: Pick<Output, "progress" | "warn"> & { say(text: string): void };
  readonly signal: AbortSignal;
}): Promise<void> {
  const { known, channel, devicePublicKey, workerName, output, signal } = options;
  const { callHub } = known;
  const deviceId = deviceIdOf(devicePublicKey);
  const words = formatWords((await deviceFingerprint(devicePublicKey, nativeScrypt)).words);
  const vouchedBefore = (await listVouching()) ?? [];
  const untilMs = performance.now() + lifetimeMs;

  const { requestApproval } = DeviceService.method;
  const asked = await callHub(requestApproval, { devicePublicKey }, { signal });
  signal.throwIfAborted();
  output.say(`${workerName} does not trust this command line yet. Its four words:`);
  output.say(`  ${words}`);
  output.say("Compare them and approve it in one of two ways:");
  output.say("  - on a device that is trusted already: the request appears there by itself");
  output.say(`  - on the worker's own machine: leapmux worker devices approve ${words}`);
  if (!asked.ok) output.warn("the hub does not pass the request on: only the second way is left");
  output.progress("Waiting, 10 minutes at most; Ctrl-C gives up …");

  let own: OwnApproval = asked.ok
    ? {
        kind: "waiting",
        requestId: asked.response.request?.requestId ?? "",
        expiresAtMs: Date.now() + lifetimeMs,
      }
    : { kind: "none" };
  while (channel.state.kind !== "open") {
    if (channel.link.kind === "ended") return;
    if (channel.state.kind === "refused" && channel.state.reason !== "device_not_trusted") return;
    if (performance.now() >= untilMs) {
      throw new RefusedError(
        "nobody approved this device in time",
        "Start again when somebody can.",
      );
    }
    const timer = new AbortController();
    const news = await Promise.race([
      options.nextChange(),
      wait(retryMs, "time" as const, { signal: AbortSignal.any([signal, timer.signal]) }),
    ]).finally(() => timer.abort());
    signal.throwIfAborted();
    if (news === "time" && channel.state.kind === "refused") channel.retry();
    if (news === "channel") continue;
    await channel.refreshGrants();
    own = await follow(own);
    if (own.kind === "declined") {
      throw new RefusedError(`this device (${deviceId}) was declined`);
    }
  }
  output.progress("");

  async function follow(state: OwnApproval): Promise<OwnApproval> {
    const listed = await callHub(DeviceService.method.listApprovalRequests, {}, { signal });
    const vouching = await listVouching();
    if (!listed.ok || !vouching) return state;
    const request = listed.response.requests.find(
      (each) =>
        each.devicePublicKey.length === devicePublicKey.length &&
        deviceIdOf(each.devicePublicKey) === deviceId,
    );
    return followOwnApproval(state, {
      nowMs: Date.now(),
      request: request && {
        requestId: request.requestId,
        expiresAtMs: Number(request.expiresAtMs),
      },
      vouching,
      vouchedBefore,
    });
  }

  /** Names of the grants for this device; whether they help is for the worker to say. */
  async function listVouching(): Promise<string[] | undefined> {
    const answer = await callHub(DeviceService.method.listGrants, {}, { signal });
    if (!answer.ok) return undefined;
    return answer.response.grants.slice(0, mostGrants).flatMap(({ signedGrant }) => {
      const grant = decodeGrant(signedGrant);
      if (!grant || deviceIdOf(grant.subject) !== deviceId) return [];
      return [`${deviceIdOf(grant.issuer)} ${grant.notAfterMs}`];
    });
  }
}

/**
 * `device_revocation`: from handing a signed revocation to the hub to the end of the device's open channel at
 * a paired worker, which has checked the signatures; beside a call to the same service that changes nothing.
 */
import { makeClientDevice } from "../harness/client-device.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { pairWorkerProcess } from "../harness/start-paired-processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { connectClient } from "../harness/test-client.ts";
import { startHubWithLogins } from "./bench-parts.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const count = 40;

export async function measureDeviceRevocation(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const { url } = await startHubWithLogins(cleanup);
    const client = await connectClient(cleanup, url);
    const device = makeClientDevice(client.userId);
    const dataDir = await makeTemporaryDirectory(cleanup);
    const args = ["--encryption-mode", "classic"];
    const { workerId } = await pairWorkerProcess(cleanup, client, device, dataDir, { args });
    const revokedMs: number[] = [];
    const bareMs: number[] = [];
    for (let number = 0; number < count; number += 1) {
      const phone = makeClientDevice(client.userId);
      phone.grants.push(await device.grant(phone));
      const channel = await client.channel({ workerId, claim: phone.claim });
      const signedRevocation = await device.revoke(phone);
      const bareStartMs = performance.now();
      await client.mailbox.listApprovalRequests({});
      bareMs.push(elapsedMs(bareStartMs));
      const startMs = performance.now();
      const [reason] = await Promise.all([
        channel.closed,
        client.mailbox.putRevocation({ deviceId: phone.deviceId, signedRevocation }),
      ]);
      revokedMs.push(elapsedMs(startMs));
      if (reason !== "credential_revoked") throw new Error(`the channel ended with ${reason}`);
    }
    return {
      device_revocation: {
        p50_ms: round(percentile(revokedMs, 0.5)),
        p99_ms: round(percentile(revokedMs, 0.99)),
        bare_call_p50_ms: round(percentile(bareMs, 0.5)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

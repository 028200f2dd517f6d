/** `channel_open`: from asking for the worker's keys to the decrypted pong, beside a bare native signature. */
import { randomBytes } from "node:crypto";
import { generateSlhDsaKey, makeNativeSign } from "@leapmux/native/native-signer.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { connectClient } from "../harness/test-client.ts";
import { startBenchParts } from "./bench-parts.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const count = 40;

export async function measureChannelOpen(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const { url } = await startBenchParts(cleanup);
    const client = await connectClient(cleanup, url);
    const workerId = await client.onlineWorkerId();
    const sign = makeNativeSign(generateSlhDsaKey() ?? randomBytes(128));
    if (!sign) throw new Error("this Node has no native SLH-DSA");
    const openMs: number[] = [];
    const signMs: number[] = [];
    // In turn, so that both meet the same moments of the machine.
    for (let index = 0; index < count + 2; index += 1) {
      const openStart = performance.now();
      const channel = await client.channel({ workerId });
      if (index >= 2) openMs.push(elapsedMs(openStart));
      channel.close();
      const signStart = performance.now();
      sign(randomBytes(64), new Uint8Array(0));
      if (index >= 2) signMs.push(elapsedMs(signStart));
    }
    return {
      channel_open: {
        p50_ms: round(percentile(openMs, 0.5)),
        p99_ms: round(percentile(openMs, 0.99)),
        sign_p50_ms: round(percentile(signMs, 0.5)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

/**
 * The real hub in a process of its own, with the quotas out of the way that would end a load test.
 * Prints one line of JSON when it serves; answers `memory` with the bytes that it holds after a collection.
 */
import { createInterface } from "node:readline";
import { createHub } from "@leapmux/hub/context.ts";
import { pino } from "pino";

const [dataDir = ""] = process.argv.slice(2);
const hub = await createHub({
  listen: { host: "127.0.0.1", port: 0 },
  dataDir,
  kind: "solo",
  version: "0.0.0-bench",
  logger: pino({ level: "silent" }),
  limits: {
    openingsPerMinute: 1_000_000,
    openingBurst: 1_000_000,
    maxChannelsPerLogin: 100_000,
  },
});
const { key } = await hub.mintRegistrationKey();
process.stdout.write(`${JSON.stringify({ url: hub.address.url, key })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "memory") continue;
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${heapUsed + external}\n`);
}

/**
 * The real hub in a process of its own, with the quotas out of the way that would end a load test:
 * `bench-hub.ts DIRECTORY [KIND] [PORT]`. Prints one line of JSON when it serves. Answers `memory` with the bytes
 * that it holds after a collection, `key` with a registration key, and `stop` when it has stopped.
 */
import { createInterface } from "node:readline";
import { createHub } from "@leapmux/hub/context.ts";
import { pino } from "pino";

const [dataDir = "", kind = "solo", port = "0"] = process.argv.slice(2);
const most = 1_000_000;
const hub = await createHub({
  listen: { host: "127.0.0.1", port: Number(port) },
  dataDir,
  kind: kind === "hub" ? "hub" : "solo",
  version: "0.0.0-bench",
  logger: pino({ level: "silent" }),
  limits: {
    openingsPerMinute: most,
    openingBurst: most,
    maxChannelsPerLogin: most,
    maxClientLinksPerLogin: most,
    maxLoginsPerUser: most,
    maxWorkers: most,
    startsPerMinute: most,
  },
});
process.stdout.write(`${JSON.stringify({ url: hub.address.url, setUpUrl: hub.setUpUrl })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "memory") {
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc?.();
      await new Promise(setImmediate);
    }
    const { heapUsed, external } = process.memoryUsage();
    process.stdout.write(`${heapUsed + external}\n`);
  } else if (line === "key") {
    process.stdout.write(`${(await hub.mintRegistrationKey()).key}\n`);
  } else if (line === "stop") {
    await hub.close();
    process.stdout.write("stopped\n");
    process.exit(0);
  }
}

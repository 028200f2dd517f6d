/**
 * Opens channels in a process of its own, so that the client whose echo is measured does not pay for the
 * checking of signatures. `open N` opens N at once and prints how many opened.
 */
import { createInterface } from "node:readline";
import { makeCleanup } from "../harness/cleanup.ts";
import { connectClient } from "../harness/test-client.ts";

const [url = ""] = process.argv.slice(2);
const client = await connectClient(makeCleanup(), url);
const workerId = await client.onlineWorkerId();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line.split(" ")[1]);
  const results = await Promise.all(
    Array.from({ length: count }, () => client.openChannel({ workerId })),
  );
  for (const result of results) if (result.ok) result.channel.close();
  process.stdout.write(`${results.filter(({ ok }) => ok).length}\n`);
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { followUntil, reconnect } from "../harness/stubborn-client.ts";
import { until } from "../harness/until.ts";

test("the hub is killed during output and comes back: nothing is lost, nothing doubled", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { channel } = await reconnect(cleanup, processes.url);
  const { view } = await openShell(channel);

  // Less than the worker keeps for views that are away: then offsets, no snapshot, bring everything.
  const lines = 9_000;
  const file = join(processes.directory, "go-on");
  view.type(printLinesCommand(lines, { stopAt: 6_000, file }));
  // In the middle of the first part: the view has some, more is on its way.
  await until(() => view.output().length > 200_000, "output to flow");
  await processes.hub().kill();
  await until(() => view.ended() !== undefined, "the view to notice");

  // Typed while nobody is there: it reaches the shell once, when they are.
  view.type("echo typed-$((20 + 3))-while-away\r");
  await writeFile(file, "");
  await processes.startHub();
  await followUntil(cleanup, processes.url, view, "typed-23-while-away");

  expect(wrongInLines(view.text(), lines)).toBeUndefined();
  expect(view.text().split(endMark)).toHaveLength(2);
  expect(view.text().split("typed-23-while-away")).toHaveLength(2);
  expect(view.resumedCount).toBeGreaterThanOrEqual(1);
  // It went on by offset: the only snapshot is that of the first attachment.
  expect(view.events.filter((event) => event === "snapshot").length).toBeLessThanOrEqual(1);
});

test("a hub that is killed again and again while somebody types loses no keystroke", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  let { channel } = await reconnect(cleanup, processes.url);
  const { view } = await openShell(channel, { directory: processes.directory });
  view.type("cat > typed.txt\r");
  let typed = "";
  for (let round = 0; round < 3; round += 1) {
    for (let key = 0; key < 200; key += 1) {
      const line = `${round}-${key}\r`;
      typed += line.replace("\r", "\n");
      view.type(line);
    }
    await processes.hub().kill();
    await processes.startHub();
    ({ channel } = await reconnect(cleanup, processes.url));
    await view.attach(channel.terminals);
  }
  view.type("\u0004");
  await settle(view);
  view.type("echo sum-$(cksum < typed.txt | tr ' ' -)\r");
  await view.untilText(/sum-\d+-\d+/);
  expect(view.text()).toContain(`sum-${cksum(typed)}`);
});

/** POSIX cksum: CRC and length. */
function cksum(text: string): string {
  const bytes = [...Buffer.from(text)];
  const length = bytes.length;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest & 255);
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return `${~crc >>> 0}-${length}`;
}

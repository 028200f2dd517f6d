import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { makeScreen } from "../harness/screen.ts";
import { startSystem } from "../harness/start-system.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { connectClient } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

test("two clients see and type into the same terminal", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const first = await (await connectClient(cleanup, system.url)).channel();
  const second = await (await connectClient(cleanup, system.url)).channel();
  const { view, terminalId } = await openShell(first);
  view.type("echo from-the-$((0 + 1))st\r");
  await view.untilText("from-the-1st");

  const other = makeTerminalView(terminalId);
  await other.attach(second.terminals);
  await other.untilText("from-the-1st");
  other.type("echo from-the-$((1 + 1))nd\r");
  await view.untilText("from-the-2nd");
  await other.untilText("from-the-2nd");
  await settle(view);
  await settle(other);
  await until(() => view.position?.offset === other.position?.offset, "both to have read the same");
  expect(await makeScreen(view).text()).toBe(await makeScreen(other).text());
});

test("both are told every size, and always the same one", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const channel = await (await connectClient(cleanup, system.url)).channel();
  const { view, terminalId } = await openShell(channel, { cols: 100, rows: 30 });
  const other = makeTerminalView(terminalId, { cols: 60, rows: 20 });
  await other.attach(channel.terminals);

  // Whoever acted last has the size that fits (docs/adr/0005); the other one is told.
  const both = (cols: number, rows: number) => () =>
    [view, other].every(({ size }) => size.cols === cols && size.rows === rows);
  await settle(other);
  await until(both(60, 20), "the size of the one who types");
  other.type("stty size\r");
  await view.untilText("20 60");
  await settle(view);
  await until(both(100, 30), "the size of the other one, who types now");
  view.type("stty size\r");
  await other.untilText("30 100");
  // Looking there counts as well.
  other.focus();
  await until(both(60, 20), "the size where somebody looks");
});

test("a full-screen program is there for whoever comes later", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const channel = await (await connectClient(cleanup, system.url)).channel();
  const { view, terminalId } = await openShell(channel);
  // Alternate screen, mouse reporting, bracketed paste, a coloured word at a place, cursor elsewhere.
  view.type(
    "printf '\\033[?1049h\\033[2J\\033[?1000h\\033[?1006h\\033[?2004h\\033[5;10H\\033[31mred-%s\\033[0m\\033[8;3H' x; read line\r",
  );
  await view.untilText("\u001b[8;3H");
  const other = makeTerminalView(terminalId);
  await other.attach(channel.terminals);
  const screen = makeScreen(other);
  await until(async () => (await screen.text()).includes("red-x"), "the screen");
  expect(await screen.modes()).toMatchObject({
    bracketedPasteMode: true,
    mouseTrackingMode: "vt200",
  });
  expect(await screen.isAlternate()).toBe(true);
  expect(await screen.cursor()).toEqual({ x: 2, y: 7 });
  expect(await screen.text()).toBe(await makeScreen(view).text());
  other.type("\r");
});

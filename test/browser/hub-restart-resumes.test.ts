/** The hub dies under a page and comes back: told quietly, nothing typed into the void, nothing lost or doubled. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, numberedLine, printLinesCommand } from "../harness/numbered-lines.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { makeHome, openFirstWorkspace, openPage } from "./open-page.ts";
import {
  readRows,
  readScrollback,
  settle,
  typeLine,
  untilPrompt,
  untilRow,
  untilState,
} from "./terminal-in-page.ts";

test("a quiet banner, typing refused, and everything resumes by itself", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const { home, env } = await makeHome(cleanup);
  const processes = await startProcesses(cleanup, { worker: { env } });
  const { page, problems } = await openPage(cleanup, browser, processes.url, {
    expected: /ERR_CONNECTION_(?:REFUSED|RESET)|WebSocket connection/,
  });
  await openFirstWorkspace(page);
  await untilPrompt(page);
  await settle(page);
  const address = page.url();

  const goOn = join(home, "go-on");
  await page.keyboard.type(printLinesCommand(3000, { stopAt: 1000, file: goOn }));
  await untilRow(page, numberedLine(999).trimEnd());
  await processes.hub().kill();

  const banner = page.locator(".banner");
  await banner.getByText("The hub is away. Your terminals go on running.").waitFor();
  await banner.getByText(/Next try (in \d+ seconds?|now)\./).waitFor();
  await page.getByRole("contentinfo").getByText("Disconnected").waitFor();
  await untilState(page, "disconnected");
  // What stood there still stands there.
  expect(await readRows(page)).toContain(numberedLine(999).trimEnd());

  await typeLine(page, "echo never sent");
  await page.getByText("Not connected: what you type is not sent.").waitFor();

  // The program goes on without anybody to watch it.
  await writeFile(goOn, "");
  await processes.startHub();
  await banner.waitFor({ state: "detached" });
  await untilRow(page, endMark);
  await untilPrompt(page);
  await page.getByRole("contentinfo").getByText("Connected", { exact: true }).waitFor();
  await settle(page);

  const lines = await readScrollback(page);
  expect(lines.filter((line) => /^\d{9} /.test(line))).toEqual(
    Array.from({ length: 3000 }, (_, index) => numberedLine(index).trimEnd()),
  );
  expect(lines.join("\n")).not.toContain("never");
  expect(page.url()).toBe(address);
  expect(problems).toEqual([]);
});

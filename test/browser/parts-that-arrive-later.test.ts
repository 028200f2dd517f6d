/** What the first terminal does without, and a hub that is gone when it is wanted: said in a sentence, and there once the hub is. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { makeHome, openFirstWorkspace, openPage, startSoloAtHome } from "./open-page.ts";
import {
  readRows,
  settle,
  untilInPage,
  untilPrompt,
  untilRow,
  untilState,
} from "./terminal-in-page.ts";

const hubIsAway = /ERR_CONNECTION_(?:REFUSED|RESET)|WebSocket connection/;

test("what was not loaded before the hub went away is named, nothing breaks, and it works afterwards", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const { env } = await makeHome(cleanup);
  const processes = await startProcesses(cleanup, { worker: { env } });
  const { page, problems } = await openPage(cleanup, browser, processes.url, {
    expected: hubIsAway,
    // A page that is never idle: only what is wanted is loaded.
    initScript: () => {
      window.requestIdleCallback = () => 0;
    },
  });
  await openFirstWorkspace(page);
  await untilState(page, "live");
  // Before the words of the fingerprint, too.
  await processes.hub().kill();
  await page.locator(".banner").getByText("The hub is away.").waitFor();
  expect(await loadedParts(page)).toEqual([]);

  const notice = page
    .getByRole("region", { name: "Notices" })
    .getByText("The hub is away, and this part of the page is not here yet.");
  const dismiss = async (): Promise<void> => {
    await notice.waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await notice.waitFor({ state: "detached" });
  };
  const trust = page.getByRole("button", { name: /: details$/ });
  const newShell = page.getByRole("button", { name: "New terminal with another shell" });

  for (let round = 0; round < 2; round += 1) {
    await page.keyboard.press("Alt+Shift+KeyP");
    await dismiss();
    await page.keyboard.press("Alt+Shift+Comma");
    await dismiss();
    await trust.click();
    await dismiss();
    await page.getByRole("tab").click({ button: "right" });
    await dismiss();
    await page.locator(".xterm-screen").click();
    await page.keyboard.press("Control+Shift+KeyF");
    await dismiss();
  }
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.getByRole("menu").count()).toBe(0);

  await processes.startHub();
  await page.locator(".banner").waitFor({ state: "detached" });
  await page.locator(".xterm-screen").click();
  await untilPrompt(page);
  await settle(page);

  await page.keyboard.press("Alt+Shift+KeyP");
  const palette = page.getByRole("dialog", { name: "Find a command" });
  await palette.waitFor();
  // Its styles are here as well: they failed on their own.
  expect(
    await palette.locator(".palette-list").evaluate((list) => getComputedStyle(list).overflowY),
  ).toBe("auto");
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });
  await newShell.click();
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await page.locator(".xterm-screen").click();
  await page.keyboard.press("Control+Shift+KeyF");
  await page.getByRole("search", { name: "Find in terminal" }).waitFor();
  await page.keyboard.press("Escape");
  await trust.click();
  await page.getByRole("group", { name: "Fingerprint:" }).locator(".word").nth(3).waitFor();
  expect(problems).toEqual([]);
});

test("what arrived while the page was idle works without the hub", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const { env } = await makeHome(cleanup);
  const processes = await startProcesses(cleanup, { worker: { env } });
  const { page, problems } = await openPage(cleanup, browser, processes.url, {
    expected: hubIsAway,
  });
  await openFirstWorkspace(page);
  await untilPrompt(page);
  await untilInPage(
    page,
    "the parts that arrive later",
    (names) => {
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      return names.every((name) => loaded.some((url) => url.includes(`/${name}-`)));
    },
    ["palette", "menu-view", "trust-popover", "terminal-search", "key-changed-question"],
  );
  await processes.hub().kill();
  await page.locator(".banner").getByText("The hub is away.").waitFor();

  await page.keyboard.press("Alt+Shift+KeyP");
  const palette = page.getByRole("dialog", { name: "Find a command" });
  await palette.waitFor();
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });
  await untilInPage(
    page,
    "the focus back in the terminal",
    () => document.activeElement?.closest("[data-terminal-id]"),
    undefined,
  );
  await page.keyboard.press("Control+Shift+KeyF");
  await page.getByRole("search", { name: "Find in terminal" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tab").click({ button: "right" });
  await page.getByRole("menu").waitFor();
  expect(problems).toEqual([]);
});

test("a terminal whose script was lost on the way appears by itself", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const script = /assets\/terminal-view-.*\.js/;
  let lost = 0;
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    expected: /ERR_FAILED|ERR_CONNECTION_REFUSED/,
    beforeLoad: (opened) =>
      opened.route(script, (route) => {
        lost += 1;
        return route.abort();
      }),
  });
  await page.getByRole("region", { name: "Notices" }).getByText("this part of the page").waitFor();
  expect(lost).toBeGreaterThan(0);
  await page.unroute(script);
  await untilPrompt(page);
  expect(problems).toEqual([]);
});

test("what is typed while a dialog is on its way does not go to the shell behind it", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const arrived = Promise.withResolvers<void>();
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    beforeLoad: (opened) =>
      opened.route(/assets\/(palette|preferences-dialog)-.*\.js/, async (route) => {
        await arrived.promise;
        await route.continue();
      }),
  });
  await untilPrompt(page);

  // Escape takes the wish back, and what comes afterwards is the shell's again.
  await page.keyboard.press("Alt+Shift+Comma");
  await page.getByRole("progressbar", { name: "Loading" }).waitFor();
  await page.keyboard.type("abc");
  await page.keyboard.press("Escape");
  await page.keyboard.type("echo typed-$((40 + 2))");
  await page.keyboard.press("Enter");
  await untilRow(page, "typed-42");
  expect((await readRows(page)).join("\n")).not.toContain("abc");

  await page.keyboard.press("Alt+Shift+KeyP");
  await page.keyboard.type("abc");
  arrived.resolve();
  const palette = page.getByRole("dialog", { name: "Find a command" });
  await palette.waitFor();
  expect(await page.getByRole("dialog", { name: "Preferences" }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "detached" });
  await untilInPage(
    page,
    "the focus back in the terminal",
    () => document.activeElement?.closest("[data-terminal-id]"),
    undefined,
  );
  await settle(page);
  expect((await readRows(page)).join("\n")).not.toContain("abc");
  expect(problems).toEqual([]);
});

async function loadedParts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => /palette|menu-view|dialog|popover|search|question|sheet/.test(path)),
  );
}

/** axe finds nothing serious in any main state, light and dark, wide and on a phone. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { openPage, phone, startSoloAtHome } from "./open-page.ts";
import { newTerminal, typeLine, untilPrompt, untilRow } from "./terminal-in-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test.each(["light", "dark"] as const)("a desk, %s", async (colorScheme) => {
  const cleanup = cleanupAfterTest();
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    colorScheme,
    // An address that leads nowhere, a hub that is away.
    expected: /404.*ListTabs|ERR_CONNECTION_(?:REFUSED|RESET)|WebSocket connection/,
  });
  const found: Record<string, readonly string[]> = {};
  const check = async (state: string): Promise<void> => {
    const serious = await findSeriousProblems(page);
    if (serious.length > 0) found[state] = serious;
  };
  const closeDialog = async (): Promise<void> => {
    await page.keyboard.press("Escape");
    await page
      .locator("[role=dialog], [role=alertdialog], [role=menu]")
      .waitFor({ state: "detached" });
  };

  await untilPrompt(page);
  const colours = [31, 32, 33, 34, 35, 36, 90, 91, 92, 93, 94, 95, 96, 97];
  await typeLine(
    page,
    `for c in ${colours.join(" ")}; do printf '\\033[%dmcolour\\033[0m ' $c; done; echo`,
  );
  await newTerminal(page);
  await check("two terminals");

  for (const [keys, name] of [
    ["Alt+Shift+Slash", "Keyboard shortcuts"],
    ["Alt+Shift+Comma", "Preferences"],
    ["Alt+Shift+KeyP", "Find a command"],
  ] as const) {
    await page.keyboard.press(keys);
    await page.getByRole("dialog", { name }).waitFor();
    await check(name);
    await closeDialog();
  }

  await page.getByRole("button", { name: /channel .*: details/ }).click();
  await page.getByRole("dialog").getByText("Round trip").waitFor();
  await page.getByText("Long form").click();
  await check("how the channel stands");
  await closeDialog();

  await page.getByRole("tab").first().click({ button: "right" });
  await page.getByRole("menu").waitFor();
  await check("the menu of a tab");
  await closeDialog();
  await page.getByRole("tab").first().dblclick();
  await page.getByRole("textbox", { name: "Name of the tab" }).waitFor();
  await check("a tab that is renamed");
  await page.keyboard.press("Escape");

  await page.keyboard.press("Alt+Shift+KeyF");
  await page
    .getByRole("textbox", { name: /search|find/i })
    .last()
    .waitFor();
  await check("search in the terminal");
  await page.keyboard.press("Escape");

  await untilPrompt(page);
  await typeLine(page, "sleep 1000");
  await untilRow(page, "$ sleep 1000");
  await page.keyboard.press("Alt+Shift+KeyW");
  await page.getByRole("alertdialog").waitFor();
  await check("closing what still runs");
  await page.getByRole("button", { name: "End it and close" }).click();
  await expect.poll(() => page.getByRole("tab").count()).toBe(1);

  await page.getByRole("button", { name: "More for My workspace" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("alertdialog").waitFor();
  await check("deleting a workspace");
  await closeDialog();

  await page.keyboard.press("Alt+Shift+KeyW");
  await page.getByText("No terminal is open here").waitFor();
  await check("an empty workspace");
  await page.goto(`${solo.url}/w/wsp_${"A".repeat(22)}`);
  await page.getByText("This workspace does not exist any more").waitFor();
  await check("an address that leads nowhere");

  await solo.process.kill();
  await page.locator(".banner").getByText("Next try").waitFor();
  await check("the hub is away");
  expect(found).toEqual({});
  expect(problems).toEqual([]);
});

test.each(["light", "dark"] as const)("a phone, %s", async (colorScheme) => {
  const cleanup = cleanupAfterTest();
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    colorScheme,
    viewport: phone,
    touch: true,
  });
  await untilPrompt(page);
  expect(await findSeriousProblems(page), "a terminal").toEqual([]);
  await page.getByRole("button", { name: "Workspaces and workers" }).tap();
  await page.getByRole("link", { name: "My workspace" }).waitFor();
  expect(await findSeriousProblems(page), "the sidebar").toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "All 1 tabs" }).tap();
  await page.getByRole("menu").waitFor();
  expect(await findSeriousProblems(page), "the list of tabs").toEqual([]);
  expect(problems).toEqual([]);
});

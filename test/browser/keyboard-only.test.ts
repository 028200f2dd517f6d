/** Everything that a day needs, without a pointer: each step by its key, the focus seen and given back. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import {
  readRows,
  settle,
  typeLine,
  untilInPage,
  untilPrompt,
  untilRow,
} from "./terminal-in-page.ts";

test("workspaces, tabs, palette and sheet by the keyboard alone", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  const press = (keys: string): Promise<void> => page.keyboard.press(keys);
  const tabNames = (): Promise<(string | null)[]> =>
    page
      .getByRole("tab")
      .evaluateAll((tabs) => tabs.map((element) => element.getAttribute("aria-label")));
  const untilTabs = (...names: string[]): Promise<void> =>
    expect.poll(tabNames, { timeout: 10_000 }).toEqual(names);
  const rename = async (title: string): Promise<void> => {
    await press("Alt+Shift+KeyR");
    await page.getByRole("textbox", { name: "Name of the tab" }).waitFor();
    await expectVisibleFocus(page);
    await page.keyboard.type(title);
    await press("Enter");
    await page.getByRole("tab", { name: title }).waitFor();
    // The key was for the name: none of it reached the shell.
    await settle(page);
    const prompts = (await readRows(page)).filter((row) => row.startsWith("$"));
    expect(prompts.slice(0, -1)).toEqual([expect.stringContaining("echo fence-")]);
  };

  await untilPrompt(page);
  // A second workspace shows its name for editing, and has a terminal.
  await press("Alt+Shift+KeyN");
  await page.getByRole("textbox", { name: "Name of the workspace" }).waitFor();
  await expectVisibleFocus(page);
  await page.keyboard.type("Keyboard");
  await press("Enter");
  await page
    .getByRole("link", { name: "Keyboard" })
    .and(page.locator("[aria-current=page]"))
    .waitFor();
  await untilPrompt(page);

  await rename("first");
  await press("Alt+Shift+KeyT");
  await expect.poll(async () => (await tabNames()).length).toBe(2);
  await untilPrompt(page);
  await rename("second");
  await untilTabs("first", "second");
  await untilPrompt(page);

  // Moved, and it stays moved.
  await press("Alt+Shift+ArrowLeft");
  await untilTabs("second", "first");
  await page.reload();
  await untilTabs("second", "first");
  await untilPrompt(page);
  await press("Alt+Shift+2");
  await page.getByRole("tab", { name: "first", selected: true }).waitFor();
  await untilPrompt(page);

  // Closing asks where something runs; the safe answer has the focus, Escape is it.
  await typeLine(page, "echo begun; sleep 1000");
  await untilRow(page, "begun");
  await press("Alt+Shift+KeyW");
  const question = page.getByRole("alertdialog", { name: "Close “first”?" });
  await question.getByText("sleep").waitFor();
  await untilFocusOn(page, "Cancel");
  await expectVisibleFocus(page);
  await press("Escape");
  await question.waitFor({ state: "detached" });
  await untilTabs("second", "first");
  // The terminal has the keyboard again: the program is interrupted.
  await untilFocusInTerminal(page);
  await press("Control+KeyC");
  await settle(page);

  await typeLine(page, "echo again; sleep 1000");
  await untilRow(page, "again");
  await press("Alt+Shift+KeyW");
  await untilFocusOn(page, "Cancel");
  await press("Tab");
  await untilFocusOn(page, "End it and close");
  await expectVisibleFocus(page);
  await press("Enter");
  await question.waitFor({ state: "detached" });
  await untilTabs("second");
  await untilFocusInTerminal(page);
  await press("Alt+Shift+KeyZ");
  await untilTabs("second", "first");
  await untilPrompt(page);

  // From the palette, found by a few letters.
  await press("Control+Shift+KeyP");
  const search = page.getByRole("combobox", { name: "Find a command" });
  await search.waitFor();
  await expectVisibleFocus(page);
  await page.keyboard.type("theme light");
  await press("Enter");
  await search.waitFor({ state: "detached" });
  await page.locator(":root[data-theme=light]").waitFor({ state: "attached" });
  await untilPrompt(page);
  await settle(page);

  await press("Alt+Shift+Slash");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByText("Reopen the last closed tab").waitFor();
  await press("Escape");
  await sheet.waitFor({ state: "detached" });
  await untilPrompt(page);
  await settle(page);

  // Through all areas and back, and through every stop of those outside of the terminal.
  const areas: (string | undefined)[] = [];
  for (let step = 0; step < 4; step += 1) {
    await press("Alt+Shift+KeyG");
    areas.push(await readFocusedArea(page));
    if (areas.at(-1) !== "terminal") await expectVisibleFocus(page);
  }
  expect(areas).toEqual(["status", "sidebar", "tabs", "terminal"]);
  // Outside of the terminal F6 does it, too.
  await press("Alt+Shift+KeyG");
  await press("F6");
  expect(await readFocusedArea(page)).toBe("sidebar");
  const stops: string[] = [];
  while ((await readFocusedArea(page)) !== "terminal" && stops.length < 40) {
    await expectVisibleFocus(page);
    stops.push(await readFocusedName(page));
    await press("Tab");
  }
  expect(stops).toEqual(
    expect.arrayContaining([
      "Keyboard",
      "More for Keyboard",
      "Preferences",
      "first",
      "New terminal",
    ]),
  );
  await settle(page);
  expect(problems).toEqual([]);
});

async function untilFocusOn(page: Page, text: string): Promise<void> {
  await untilInPage(
    page,
    `the focus on ${text}`,
    (wanted) => document.activeElement?.textContent?.trim() === wanted,
    text,
  );
}

async function untilFocusInTerminal(page: Page): Promise<void> {
  await untilInPage(
    page,
    "the focus in the terminal",
    () => document.activeElement?.matches(".xterm textarea"),
    undefined,
  );
}

/** Somewhere in sight, and told apart from what has no focus by an outline, a border or the cursor in a field. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "nothing has the focus";
    const box = element.getBoundingClientRect();
    const isInside =
      box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    if (!element.checkVisibility() || !isInside) return `${element.outerHTML} is out of sight`;
    if (element.matches("input, textarea")) return "seen";
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isOutlined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
    return element.matches(":focus-visible") && isOutlined
      ? "seen"
      : `${element.outerHTML} does not show the focus`;
  });
  expect(seen).toBe("seen");
}

async function readFocusedArea(page: Page): Promise<string | undefined> {
  return page.evaluate(
    () => document.activeElement?.closest<HTMLElement>("[data-area]")?.dataset["area"],
  );
}

async function readFocusedName(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      document.activeElement?.getAttribute("aria-label") ??
      document.activeElement?.textContent?.trim() ??
      "",
  );
}

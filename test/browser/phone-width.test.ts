/** 390 × 844 and a finger: nothing is wider than the screen, nothing smaller than the finger, no key is missing. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openPage, phone, startSoloAtHome } from "./open-page.ts";
import {
  settle,
  typeLine,
  untilInPage,
  untilPrompt,
  untilRow,
  untilShown,
} from "./terminal-in-page.ts";

const leastTargetPx = 44;
const program = fileURLToPath(new URL("draw-full-screen.ts", import.meta.url));

test("the key row, the sidebar over the content, the list of tabs", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    viewport: phone,
    touch: true,
  });
  await untilPrompt(page);
  await expectToFit(page);

  // What each key sends, as the program says that reads it; the terminal keeps the keyboard open.
  const keys = page.getByRole("toolbar", { name: "Terminal keys" });
  const tap = (name: string): Promise<void> =>
    keys.getByRole("button", { name, exact: true }).tap();
  await typeLine(page, `${process.execPath} ${program}`);
  await untilShown(page, "the cursor stands here:");
  for (const [name, hex] of [
    ["Esc", "1b"],
    ["Tab", "09"],
    ["Up arrow", "1b4f41"],
    ["Down arrow", "1b4f42"],
    ["Right arrow", "1b4f43"],
    ["Left arrow", "1b4f44"],
    ["|", "7c"],
  ] as const) {
    await tap(name);
    await untilRow(page, `got ${hex}`);
    expect(await hasKeyboard(page)).toBe(true);
  }
  await tap("Ctrl");
  await page.keyboard.type("c");
  await untilRow(page, "got 03");
  await page.keyboard.type("c");
  await untilRow(page, "got 63");
  await page.keyboard.type("q");
  await untilPrompt(page);
  await typeLine(page, "sleep 1000");
  await tap("Ctrl");
  await page.keyboard.type("c");
  await settle(page);

  // The sidebar lies over the content and leaves it alone.
  const main = page.getByRole("main", { includeHidden: true });
  const sidebar = page.getByRole("navigation");
  await page.getByRole("button", { name: "Workspaces and workers" }).tap();
  await sidebar.getByRole("link", { name: "My workspace" }).waitFor();
  await expect(main.getAttribute("inert")).resolves.not.toBeNull();
  await expectToFit(page, "nav");
  await page.touchscreen.tap(phone.width - 10, phone.height / 2);
  await sidebar.waitFor({ state: "hidden" });
  await expect(main.getAttribute("inert")).resolves.toBeNull();

  await page.getByRole("button", { name: "Workspaces and workers" }).tap();
  await sidebar.getByRole("button", { name: "Preferences" }).tap();
  await page.getByRole("dialog", { name: "Preferences" }).waitFor();
  await expectToFit(page, "[role=dialog]");
  await page.getByRole("button", { name: "Done" }).tap();
  await page.getByRole("dialog").waitFor({ state: "detached" });

  // One tile: all tabs are in one list.
  await page.getByRole("button", { name: "New terminal" }).tap();
  await page.getByRole("button", { name: "All 2 tabs" }).waitFor();
  await untilPrompt(page);
  await untilInPage(
    page,
    "the selected tab in full",
    () => {
      const strip = document.querySelector(".tab-scroll")?.getBoundingClientRect();
      const tab = document.querySelector("[role=tab][aria-selected=true]")?.getBoundingClientRect();
      return strip && tab && tab.left >= strip.left - 1 && tab.right <= strip.right + 1;
    },
    undefined,
  );
  await page.getByRole("button", { name: "All 2 tabs" }).tap();
  await page.getByRole("menu", { name: "Tabs" }).waitFor();
  await expectToFit(page, "[role=menu]");
  await page.getByRole("menuitem").first().tap();
  await untilShown(page, "sleep 1000");
  expect(problems).toEqual([]);
});

async function hasKeyboard(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.matches(".xterm textarea") === true);
}

/** Of the targets those inside of `part`, which lies above everything else. */
async function expectToFit(page: Page, part = "body"): Promise<void> {
  const { width, count, small } = await page.evaluate(
    async ([least, within]) => {
      // What is still coming in is not yet what a finger will meet.
      const isFinite = (one: Animation) => one.effect?.getComputedTiming().iterations !== Infinity;
      await Promise.all(
        document
          .getAnimations()
          .filter(isFinite)
          .map((one) => one.finished),
      );
      const interactive = "button, a[href], input, select, [role=tab], [role=menuitem]";
      const targets = [
        ...(document.querySelector(within)?.querySelectorAll(interactive) ?? []),
      ].filter(
        (element) =>
          element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
          !element.closest("[inert], .xterm, .visually-hidden"),
      );
      /** How far a finger may be off, which can be more than what is drawn. */
      const measure = (element: Element, dx: number, dy: number): number => {
        const box = (element.closest("label") ?? element).getBoundingClientRect();
        const isHit = (by: number): boolean => {
          const x = box.left + box.width / 2 + dx * by;
          const y = box.top + box.height / 2 + dy * by;
          const hit = document.elementFromPoint(x, y);
          const target = hit?.closest("label, button, a, input, select, [role]");
          return (
            target === element || (target instanceof HTMLLabelElement && target.control === element)
          );
        };
        let [before, after] = [0, 0];
        while (before < least && isHit(-before - 1)) before += 1;
        while (after < least && isHit(after + 1)) after += 1;
        return Math.max(before + after + 1, dx === 0 ? box.height : box.width);
      };
      return {
        width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
        count: targets.length,
        small: targets
          .map((element) => ({ element, x: measure(element, 1, 0), y: measure(element, 0, 1) }))
          // Half a pixel is a matter of rounding.
          .filter(({ x, y }) => Math.min(x, y) < least - 0.5)
          .map(
            ({ element, x, y }) =>
              `${element.getAttribute("aria-label") ?? element.textContent?.trim()}: ${x} × ${y}`,
          ),
      };
    },
    [leastTargetPx, part] as const,
  );
  expect(width).toBeLessThanOrEqual(phone.width);
  expect(count).toBeGreaterThan(0);
  expect(small).toEqual([]);
}

/**
 * `node test/browser/take-readme-picture.ts` writes docs/images/workspace.png for the README, and pictures of the
 * other main states into test-results/, to be looked at.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startBrowser } from "../harness/browser.ts";
import { makeCleanup } from "../harness/make-cleanup.ts";
import { desk, openPage, phone } from "./open-page.ts";
import { fillSampleWorkspace, startSampleSolo, untilPainted } from "./sample-workspace.ts";

const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const results = fileURLToPath(new URL("../../test-results/", import.meta.url));
await mkdir(images, { recursive: true });
await mkdir(results, { recursive: true });

const cleanup = makeCleanup();
try {
  const url = await startSampleSolo(cleanup);
  const browser = await startBrowser(cleanup);
  const { page } = await openPage(cleanup, browser, url, { viewport: desk, colorScheme: "dark" });
  await fillSampleWorkspace(page);
  const address = page.url();
  // Known from an earlier visit, as on every day but the first.
  await page.reload();
  await untilPainted(page);
  await page.getByRole("contentinfo").getByText("Pinned", { exact: true }).waitFor();
  await shoot(page, `${images}workspace.png`);
  await shootStates(page, "dark");
  await page.close();

  const light = await openPage(cleanup, browser, address, { viewport: desk, colorScheme: "light" });
  await untilPainted(light.page);
  await shoot(light.page, `${results}workspace-light.png`);
  await shootStates(light.page, "light");
  await light.page.close();

  for (const colorScheme of ["dark", "light"] as const) {
    const { page: small } = await openPage(cleanup, browser, address, {
      viewport: phone,
      touch: true,
      deviceScaleFactor: 2,
      colorScheme,
    });
    await untilPainted(small);
    await shoot(small, `${results}phone-${colorScheme}.png`);
    await small.getByRole("button", { name: "Workspaces and workers" }).tap();
    await small.getByRole("link", { name: "Weather" }).waitFor();
    await shoot(small, `${results}phone-sidebar-${colorScheme}.png`);
    await small.close();
  }
} finally {
  await cleanup.run();
}

async function shootStates(page: Page, colorScheme: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  for (const [name, keys] of [
    ["palette", "Alt+Shift+KeyP"],
    ["shortcuts", "Alt+Shift+Slash"],
    ["preferences", "Alt+Shift+Comma"],
  ] as const) {
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await shoot(page, `${results}${name}-${colorScheme}.png`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: /channel .*: details/ }).click();
  await dialog.getByText("Round trip").waitFor();
  await shoot(page, `${results}trust-${colorScheme}.png`);
  await page.keyboard.press("Escape");
}

async function shoot(page: Page, path: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.screenshot({ path, animations: "disabled" });
  console.log(path);
}

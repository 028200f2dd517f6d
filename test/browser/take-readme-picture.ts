/**
 * `node test/browser/take-readme-picture.ts` writes docs/images/workspace.png for the README, and pictures of the
 * other main states into test-results/, to be looked at.
 */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startBrowser } from "../harness/browser.ts";
import { makeCleanup } from "../harness/make-cleanup.ts";
import { until } from "../harness/until.ts";
import { desk, openPage, phone } from "./open-page.ts";
import { fillSampleWorkspace, startSampleSolo } from "./sample-workspace.ts";
import { untilState } from "./terminal-in-page.ts";

const images = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const results = fileURLToPath(new URL("../../test-results/", import.meta.url));
await mkdir(images, { recursive: true });
await mkdir(results, { recursive: true });

const cleanup = makeCleanup();
try {
  const url = await startSampleSolo(cleanup);
  const readable = await startBrowser(cleanup);
  const { page: filling } = await openPage(cleanup, readable, url);
  await fillSampleWorkspace(filling);
  const address = filling.url();
  await filling.close();

  // Drawn as for people; what is drawn cannot be read from the document.
  const browser = await startBrowser(cleanup, { webgl: true });
  for (const colorScheme of ["dark", "light"] as const) {
    const { page } = await openPage(cleanup, browser, address, { viewport: desk, colorScheme });
    await untilState(page, "live");
    // Known from an earlier visit, as on every day but the first.
    await page.reload();
    await untilDrawn(page);
    await page.getByRole("contentinfo").getByText("Pinned", { exact: true }).waitFor();
    await shoot(page, `${results}workspace-${colorScheme}.png`);
    await shootStates(page, colorScheme);
    await page.close();
  }
  await copyFile(`${results}workspace-dark.png`, `${images}workspace.png`);

  for (const colorScheme of ["dark", "light"] as const) {
    // Where a browser only pretends to have fine pixels, WebGL draws twice too large.
    const { page } = await openPage(cleanup, readable, address, {
      viewport: phone,
      touch: true,
      deviceScaleFactor: 2,
      colorScheme,
    });
    await untilState(page, "live");
    await shoot(page, `${results}phone-${colorScheme}.png`);
    await page.getByRole("button", { name: "Workspaces and workers" }).tap();
    await page.getByRole("link", { name: "Weather" }).waitFor();
    await shoot(page, `${results}phone-sidebar-${colorScheme}.png`);
    await page.close();
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

/** A live terminal, drawn the way that this browser can. */
async function untilDrawn(page: Page): Promise<void> {
  await untilState(page, "live");
  const hasWebgl = await page.evaluate(
    () => document.createElement("canvas").getContext("webgl2") !== null,
  );
  const drawing = page.locator(`[data-terminal-renderer="${hasWebgl ? "webgl" : "dom"}"]`);
  await drawing.last().waitFor({ state: "attached" });
}

/** Once nothing moves any more: two pictures in a row are the same. */
async function shoot(page: Page, path: string): Promise<void> {
  const take = (): Promise<Buffer> => page.screenshot({ animations: "disabled", caret: "initial" });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  let before = await take();
  await until(async () => {
    const now = await take();
    const isSame = now.equals(before);
    before = now;
    return isSame;
  }, `${path} to stand still`);
  await writeFile(path, before);
  console.log(path);
}

/** The product in a real browser, as the bench needs it: solo through the command line, one terminal open. */
import type { Page } from "playwright-core";
import { startBrowser } from "../harness/browser.ts";
import type { Cleanup } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";

export async function startSolo(cleanup: Cleanup): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const dataDir = await makeTemporaryDirectory(cleanup);
  const solo = startLeapmux(cleanup, [
    "solo",
    "--listen",
    new URL(url).host,
    "--data-dir",
    dataDir,
  ]);
  await untilReady(solo, url);
  return url;
}

/** A page whose terminals draw into the document, so that what they show can be read. */
export async function newReadablePage(cleanup: Cleanup): Promise<Page> {
  const browser = await startBrowser(cleanup);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    const getContext = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string) {
      return kind.startsWith("webgl") ? null : Reflect.apply(getContext, this, [kind]);
    } as typeof getContext;
  });
  return page;
}

/** Until the screen of the terminal shows this text. */
export async function untilShown(page: Page, text: string, timeout = 120_000): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll(".xterm-rows")].some((rows) =>
        rows.textContent?.includes(wanted),
      ),
    text,
    { timeout, polling: 10 },
  );
}

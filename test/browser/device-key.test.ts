/** The device key in a real browser's storage: one for all tabs, nothing to take away, never replaced silently. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { readWords, startHubForWorkers } from "./hub-with-workers.ts";
import { openPage } from "./open-page.ts";

test("tabs that start together share one key, which scripts cannot take away", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const { page } = await openPage(cleanup, browser, `${hub.url}/healthz`);
  const tabs = [page, await page.context().newPage(), await page.context().newPage()];
  await Promise.all(tabs.map((tab) => tab.goto(hub.url)));
  await Promise.all(tabs.map(openDevices));
  const words = await Promise.all(tabs.map((tab) => readWords(tab, "This browser")));
  expect(new Set(words).size).toBe(1);

  expect(await tryToExport(page)).toEqual({ entries: 1, exported: 0 });
  await page.reload();
  await openDevices(page);
  expect(await readWords(page, "This browser")).toBe(words[0]);
}, 120_000);

test("a damaged key is an error until a person asks for a new one", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const { page } = await openPage(cleanup, browser, hub.url);
  await openDevices(page);
  const words = await readWords(page, "This browser");
  await damageKey(page);
  await page.reload();
  await openDevices(page);
  await page.getByRole("alert").getByText("cannot be read any more").waitFor();
  expect(await page.getByRole("group", { name: "This browser:" }).count()).toBe(0);
  await page.getByRole("button", { name: "Make a new key for this browser" }).click();
  expect(await readWords(page, "This browser")).not.toBe(words);
}, 120_000);

async function openDevices(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Devices", exact: true }).click();
}

/** With everything that a script on this origin could try. */
function tryToExport(page: Page): Promise<{ entries: number; exported: number }> {
  return page.evaluate(async () => {
    const keys = await new Promise<Record<string, unknown>[]>((resolve) => {
      const opening = indexedDB.open("leapmux-device");
      opening.addEventListener("success", () => {
        const all = opening.result.transaction("device-key").objectStore("device-key").getAll();
        all.addEventListener("success", () => resolve(all.result));
      });
    });
    let exported = 0;
    for (const value of keys.flatMap((key) => Object.values(key))) {
      if (!(value instanceof CryptoKey)) continue;
      for (const format of ["raw", "pkcs8", "jwk"] as const) {
        await crypto.subtle.exportKey(format, value).then(
          () => (exported += 1),
          () => {},
        );
      }
    }
    return { entries: keys.length, exported };
  });
}

function damageKey(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open("leapmux-device");
        opening.addEventListener("success", () => {
          const transaction = opening.result.transaction("device-key", "readwrite");
          const store = transaction.objectStore("device-key");
          const reading = store.get("device");
          reading.addEventListener("success", () => {
            const key = reading.result as { mlDsa: { sealed: Uint8Array } };
            key.mlDsa.sealed[0]! ^= 1;
            store.put(key, "device");
          });
          transaction.addEventListener("complete", () => {
            opening.result.close();
            resolve();
          });
        });
      }),
  );
}

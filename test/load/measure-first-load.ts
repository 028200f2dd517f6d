/**
 * `first_load`: from navigation to the prompt of the first shell, and the JavaScript that was loaded on
 * the way, compressed. What is loaded afterwards (the WebGL renderer, dialogs) does not count.
 */
import { gzipSync } from "node:zlib";
import { makeCleanup } from "../harness/cleanup.ts";
import { newReadablePage, startSolo } from "./open-page.ts";
import { elapsedMs, round } from "./summarise.ts";

export async function measureFirstLoad(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const url = await startSolo(cleanup);
    const page = await newReadablePage(cleanup);
    const scripts = new Map<string, Promise<Buffer>>();
    page.context().on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith(".js")) scripts.set(pathname, response.body());
    });
    const startMs = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    await page.waitForFunction(
      () => /[$#%>]/.test(document.querySelector(".xterm-rows")?.textContent ?? ""),
      undefined,
      { polling: 5, timeout: 30_000 },
    );
    const readyMs = elapsedMs(startMs);
    const loaded = [...scripts];
    let bytes = 0;
    for (const [path, body] of loaded) {
      const size = gzipSync(await body, { level: 9 }).length;
      process.stderr.write(`  ${(size / 1024).toFixed(1).padStart(6)} KiB ${path}\n`);
      bytes += size;
    }
    return { first_load: { gzip_kib: round(bytes / 1024), ready_ms: round(readyMs) } };
  } finally {
    await cleanup.run();
  }
}

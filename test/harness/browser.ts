/**
 * A real browser: CHROME_PATH, else a Chrome or Chromium of this machine, else the headless shell that
 * comes in a package. Of the package only the executable is used: its default flags switch web security off.
 */
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";
import type { Cleanup } from "./make-cleanup.ts";
import { findPackagedBrowser, type PackagedBrowser } from "./packaged-browser.ts";

const usualPaths = [
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

export interface BrowserOptions {
  /** Terminals draw with WebGL; without it they draw into the document, where a test can read them. */
  readonly webgl?: boolean;
}

export async function startBrowser(
  cleanup: Cleanup,
  options: BrowserOptions = {},
): Promise<Browser> {
  const { executablePath, env } = await findBrowser();
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    env: { ...process.env, ...env },
    // No container offers what its sandbox needs, and it only ever loads our own pages.
    chromiumSandbox: false,
    args: [
      ...(options.webgl === true
        ? ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        : ["--disable-3d-apis", "--disable-gpu"]),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  cleanup.add(() => browser.close());
  return browser;
}

async function findBrowser(): Promise<PackagedBrowser> {
  const given = process.env["CHROME_PATH"];
  const executablePath = given || usualPaths.find((path) => existsSync(path));
  return executablePath ? { executablePath, env: {} } : findPackagedBrowser();
}

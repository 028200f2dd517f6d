/**
 * Pages of the product as a person meets them: a real browser, a solo hub started through the command line with a
 * home directory of its own, and a shell whose prompt is `$ ` on every machine.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { knownHeaders } from "../harness/known-logins.ts";
import type { Cleanup } from "../harness/make-cleanup.ts";
import type { LeapmuxProcess } from "../harness/processes.ts";
import { startSolo } from "../harness/start-processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";

export interface Solo {
  readonly url: string;
  readonly process: LeapmuxProcess;
  /** Where new shells start. */
  readonly home: string;
}

/** The environment of shells that look the same everywhere. */
export async function makeHome(
  cleanup: Cleanup,
): Promise<{ home: string; env: Record<string, string> }> {
  const home = join(await makeTemporaryDirectory(cleanup), "home");
  await mkdir(home);
  await writeFile(join(home, ".profile"), "PS1='$ '\nunset HISTFILE\n");
  return { home, env: { HOME: home, SHELL: "/bin/sh", PS1: "$ ", LANG: "C.UTF-8" } };
}

export async function startSoloAtHome(
  cleanup: Cleanup,
  args: readonly string[] = [],
): Promise<Solo> {
  const { home, env } = await makeHome(cleanup);
  const { url, process } = await startSolo(cleanup, { env, args });
  return { url, process, home };
}

export interface PageOptions {
  readonly viewport?: { width: number; height: number };
  readonly colorScheme?: "light" | "dark";
  readonly touch?: boolean;
  readonly deviceScaleFactor?: number;
  /** What the test itself provokes. */
  readonly expected?: RegExp;
  /** Runs in the page before any script of ours. */
  readonly initScript?: () => void;
  /** Before anything is asked for. */
  readonly beforeLoad?: (page: Page) => Promise<unknown>;
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the console (violations of the content security policy are some) and uncaught ones. */
  readonly problems: readonly string[];
}

export const desk = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

/** A browser profile of its own: nothing is remembered from another one. */
export async function openPage(
  cleanup: Cleanup,
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: options.viewport ?? desk,
    colorScheme: options.colorScheme ?? "dark",
    hasTouch: options.touch ?? false,
    isMobile: options.touch ?? false,
    reducedMotion: "reduce",
    locale: "en-GB",
    deviceScaleFactor: options.deviceScaleFactor ?? 1,
  });
  cleanup.add(() => context.close());
  const [name, value] = knownHeaders(url)["cookie"]?.split("=") ?? [];
  if (name !== undefined && value !== undefined) {
    await context.addCookies([{ name, value, url: new URL(url).origin }]);
  }
  const problems: string[] = [];
  const note = (text: string): void => {
    if (!options.expected?.test(text)) problems.push(text);
  };
  context.on("console", (message) => {
    if (message.type() === "error") note(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => note(String(error.error().stack)));
  if (options.initScript) await context.addInitScript(options.initScript);
  const page = await context.newPage();
  await options.beforeLoad?.(page);
  await page.goto(url);
  return { page, problems };
}

/** A hub that is not solo starts empty: the first workspace comes with a terminal once a worker is there. */
export async function openFirstWorkspace(page: Page): Promise<void> {
  await page.getByRole("navigation").getByLabel("Online").waitFor();
  await page.getByRole("main").getByRole("button", { name: "New workspace" }).click();
}

/** The pages about accounts as tests see them: what people read and press, nothing of what stands behind. */
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Cleanup } from "../harness/make-cleanup.ts";
import { type AccountHub, ada } from "./account-hub.ts";
import { openPage, type OpenedPage, type PageOptions } from "./open-page.ts";

export const grace = {
  username: "grace",
  displayName: "Grace Hopper",
  password: "nanoseconds of wire",
};

/** Calls without a login are what these tests provoke. */
const refusedCalls = /status of 4\d\d/;
/** A page whose login ended while it was away tries its link once before it is told. */
export const refusedLinks = /status of 4\d\d|WebSocket connection/;

export function openAccountPage(
  cleanup: Cleanup,
  browser: Browser,
  url: string,
  options: PageOptions = {},
): Promise<OpenedPage> {
  return openPage(cleanup, browser, url, { expected: refusedCalls, ...options });
}

/** The hub with Ada as its admin, and a page where she is logged in, at a workspace. */
export async function setUpAda(
  cleanup: Cleanup,
  browser: Browser,
  hub: AccountHub,
  options?: PageOptions,
): Promise<OpenedPage> {
  const opened = await openAccountPage(cleanup, browser, hub.setUpUrl, options);
  await fillNewAccount(opened.page, ada);
  await opened.page.getByRole("button", { name: "Make the account" }).click();
  await untilInside(opened.page);
  await expectAddress(opened.page, await hub.addWorkspace(ada));
  return opened;
}

export async function fillNewAccount(page: Page, account: typeof ada): Promise<void> {
  await page.getByLabel("User name").fill(account.username);
  await page.getByLabel("Your name").fill(account.displayName);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
}

export async function fillLogIn(
  page: Page,
  account: { username: string; password: string },
): Promise<void> {
  await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  await page.getByLabel("User name").fill(account.username);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** The app is there, and its link stands. */
export async function untilInside(page: Page): Promise<void> {
  await page.getByRole("contentinfo", { name: "Status" }).getByText("Connected").waitFor();
}

export async function openAccountDialog(page: Page, part?: string): Promise<Locator> {
  await chooseInMenu(page, "Account…");
  const dialog = page.getByRole("dialog", { name: "Account" });
  if (part) await dialog.getByRole("tab", { name: part }).click();
  await dialog.getByRole("tabpanel").waitFor();
  return dialog;
}

export async function openAdministration(page: Page, part?: string): Promise<Locator> {
  await chooseInMenu(page, "Administration…");
  const dialog = page.getByRole("dialog", { name: "Administration" });
  if (part) await dialog.getByRole("tab", { name: part, exact: true }).click();
  await dialog.getByRole("tabpanel").waitFor();
  return dialog;
}

export async function chooseInMenu(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name }).click();
}

export async function closeDialog(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

export async function expectAddress(page: Page, path: string): Promise<void> {
  await expect.poll(() => new URL(page.url()).pathname + new URL(page.url()).hash).toBe(path);
}

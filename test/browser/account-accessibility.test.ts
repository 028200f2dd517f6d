/** axe finds nothing serious on any page about accounts, light and dark, and on a phone nothing is wider than it. */
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { totpCode } from "../harness/totp-code.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  closeDialog,
  fillLogIn,
  grace,
  openAccountDialog,
  openAccountPage,
  openAdministration,
  setUpAda,
} from "./account-pages.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { desk, phone } from "./open-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test.each([
  ["light", "desk"],
  ["dark", "desk"],
  ["dark", "phone"],
] as const)("%s, %s", async (colorScheme, size) => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const isPhone = size === "phone";
  const options = { colorScheme, viewport: isPhone ? phone : desk, touch: isPhone };
  const found: Record<string, unknown> = {};
  async function check(state: string, page: Page, shown: Locator): Promise<void> {
    await shown.waitFor();
    const serious = await findSeriousProblems(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (serious.length > 0) found[state] = serious;
    if (width > options.viewport.width) found[`${state}, width`] = width;
  }
  const showSidebar = async (page: Page): Promise<void> => {
    if (isPhone) await page.getByRole("button", { name: "Workspaces and workers" }).tap();
  };

  const stranger = await openAccountPage(cleanup, browser, hub.url, options);
  await check("set-up, no token", stranger.page, stranger.page.getByLabel("Token or address"));
  const { page } = await setUpAda(cleanup, browser, hub, options);
  await page.getByRole("contentinfo").waitFor();
  await hub.addUser({ ...grace, displayName: "Grace Brewster Murray Hopper of the Navy" });
  const known = await hub.startCommandLine();
  await hub.as(ada, async ({ transport }) => {
    const account = createClient(AccountService, transport);
    await account.answerCliLogin({ userCode: known.code, approve: true });
    await known.poll();
  });

  await showSidebar(page);
  let dialog = await openAccountDialog(page);
  await dialog.getByRole("button", { name: "Change password" }).click();
  await dialog.getByLabel("New password").fill("12345678");
  await dialog.getByRole("button", { name: "Delete account…" }).click();
  await check("profile", page, dialog.getByText("These go, for good:"));
  await dialog.getByRole("tab", { name: "Logins" }).click();
  await check("logins", page, dialog.getByText("Command line"));
  await dialog.getByRole("tab", { name: "Second factor" }).click();
  await check("second factor", page, dialog.getByText("No passkey yet."));
  await dialog.getByRole("button", { name: "Set up" }).click();
  await dialog.getByLabel("Your password").fill(ada.password);
  await dialog.getByRole("button", { name: "Go on" }).click();
  await check("scanning", page, dialog.getByRole("img", { name: /QR code/ }));
  const secret = (await dialog.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent()) ?? "";
  await dialog.getByLabel("Code that the app shows").fill(totpCode(secret, Date.now()));
  await check("recovery codes", page, dialog.getByRole("list", { name: "Recovery codes" }));
  await closeDialog(page);

  await showSidebar(page);
  dialog = await openAdministration(page);
  await dialog.getByRole("button", { name: /^Manage Grace/ }).click();
  await dialog.getByRole("button", { name: "Delete…" }).click();
  await check("users", page, dialog.getByLabel("Type “grace”"));
  await dialog.getByRole("tab", { name: "Invitations" }).click();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await check("invitations", page, dialog.getByLabel("Invitation link"));
  const link = await dialog.getByLabel("Invitation link").inputValue();

  const guest = await openAccountPage(cleanup, browser, link, options);
  await check("invitation", guest.page, guest.page.getByLabel("Your name"));
  const { code } = await hub.startCommandLine();
  const other = await openAccountPage(cleanup, browser, `${hub.url}/cli#${code}`, options);
  await fillLogIn(other.page, { ...ada, password: "wrong" });
  await check("log-in", other.page, other.page.getByRole("alert"));
  await fillLogIn(other.page, ada);
  await check("second step", other.page, other.page.getByLabel("Code from the app"));
  await other.page.getByLabel("Code from the app").fill(totpCode(secret, Date.now() + 30_000));
  await check("command line", other.page, other.page.getByRole("button", { name: "Approve" }));
  expect(found).toEqual({});
});

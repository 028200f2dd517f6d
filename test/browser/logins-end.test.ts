/** What people see when a login ends: here, elsewhere, by themselves or by somebody else; nothing dials on. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  chooseInMenu,
  expectAddress,
  fillLogIn,
  grace,
  openAccountDialog,
  openAccountPage,
  refusedLinks,
  setUpAda,
  untilInside,
} from "./account-pages.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("one login ends another: that one says so, dials no more, and comes back to the same place", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const here = await setUpAda(cleanup, browser, hub);
  const there = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(there.page, ada);
  await untilInside(there.page);
  const place = new URL(there.page.url()).pathname;
  expect(place).toMatch(/^\/w\/wsp_/);

  const dialog = await openAccountDialog(here.page, "Logins");
  const rows = dialog.getByRole("listitem");
  await expect.poll(() => rows.count()).toBe(2);
  await rows.filter({ hasText: "this one" }).getByText("in use now").waitFor();
  expect(await rows.filter({ hasText: "this one" }).getByRole("button").count()).toBe(0);
  const dialled = hub.linksOpened();
  await rows.getByRole("button", { name: /^End/ }).click();
  await expect.poll(() => rows.count()).toBe(1);

  const notice = there.page.getByRole("heading", { name: "You were logged out on another device" });
  await notice.waitFor();
  expect(await findSeriousProblems(there.page)).toEqual([]);
  // Nothing is left to type into, and the one thing to do has the focus.
  expect(await there.page.getByRole("textbox").count()).toBe(0);
  await there.page.keyboard.type("ls");
  await there.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expectAddress(there.page, place);
  expect(hub.linksOpened()).toBe(dialled);
  await there.page.keyboard.press("Enter");
  await fillLogIn(there.page, ada);
  await untilInside(there.page);
  await expectAddress(there.page, place);

  await expect.poll(() => rows.count()).toBe(2);
  await dialog.getByRole("button", { name: "End all others (1)" }).click();
  await notice.waitFor();
  expect([...here.problems, ...there.problems]).toEqual([]);
});

test("a changed password ends all logins but the acting one", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const here = await setUpAda(cleanup, browser, hub);
  const there = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(there.page, ada);
  await untilInside(there.page);

  const dialog = await openAccountDialog(here.page);
  await dialog.getByRole("button", { name: "Change password" }).click();
  await dialog.getByLabel("Password now").fill("wrong");
  await dialog.getByLabel("New password").fill("difference engine no 2");
  await here.page.keyboard.press("Enter");
  await dialog.getByText("That is not your password.").waitFor();
  await dialog.getByLabel("Password now").fill(ada.password);
  await here.page.keyboard.press("Enter");
  await dialog.getByText("The password is changed.").waitFor();

  await there.page.getByRole("heading", { name: "Your password was changed" }).waitFor();
  await there.page.getByRole("button", { name: "Log in again" }).click();
  await fillLogIn(there.page, ada);
  await there.page.getByRole("alert").getByText("That did not match.").waitFor();
  await fillLogIn(there.page, { ...ada, password: "difference engine no 2" });
  await untilInside(there.page);
});

test.each([
  ["ended", "An admin ended your logins", "Log in again"],
  ["password reset", "An admin reset your password", "Log in again"],
  ["expired", "Your login has expired", "Log in again"],
  ["account deleted", "This account was deleted", "To the log-in"],
] as const)("%s has its own words", async (how, title, action) => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  await hub.addUser(grace, "admin");
  // A call in the second until the hub looks would only be refused, without a reason.
  await page.getByRole("button", { name: "Devices", exact: true }).click();
  await page.getByRole("group", { name: "This browser:" }).waitFor();
  if (how === "expired") hub.expireLogins();
  else await hub.endLogins(ada, grace, how);
  await page.getByRole("heading", { name: title }).waitFor();
  await page.getByRole("button", { name: action }).click();
  await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  expect(problems).toEqual([]);
});

test("a login that ended while nobody was there to be told: the log-in, and no loop", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page } = await setUpAda(cleanup, browser, hub, { expected: refusedLinks });
  const place = new URL(page.url()).pathname;
  await page.goto("about:blank");
  hub.expireLogins();
  await page.goto(hub.url + place);
  await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  const dialled = hub.linksOpened();
  await fillLogIn(page, ada);
  await untilInside(page);
  await expectAddress(page, place);
  expect(hub.linksOpened()).toBe(dialled + 1);
});

test("logging out in one window says so in the others of the same browser", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page } = await setUpAda(cleanup, browser, hub);
  const second = await page.context().newPage();
  await second.goto(hub.url);
  await untilInside(second);
  await chooseInMenu(page, "Log out");
  await page.getByText("You are logged out.").waitFor();
  await second.getByRole("heading", { name: "You logged out" }).waitFor();
});

test("deleting the account says what goes, wants its name typed, and leaves nobody logged in", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page } = await setUpAda(cleanup, browser, hub);
  await hub.addUser(grace, "admin");
  const dialog = await openAccountDialog(page);
  await dialog.getByRole("button", { name: "Delete account…" }).click();
  await dialog.getByText("1 workspace with all tabs").waitFor();
  const last = dialog.getByRole("button", { name: "Delete the account" });
  await dialog.locator("form").getByLabel("Your password", { exact: true }).fill(ada.password);
  await dialog.getByLabel("Type “ada-lovelace”").fill("ada");
  await expect(last.isDisabled()).resolves.toBe(true);
  await dialog.getByLabel("Type “ada-lovelace”").fill("ada-lovelace");
  await last.click();
  await page.getByText("Your account is deleted.").waitFor();
  await fillLogIn(page, ada);
  await page.getByRole("alert").getByText("That did not match.").waitFor();
});

/** Admins: who is there, invitations, passwords that were forgotten; and a command line that asks to be let in. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import {
  ada,
  closeDialog,
  expectAddress,
  fillLogIn,
  fillNewAccount,
  grace,
  openAccountPage,
  openPeopleDialog,
  setUpAda,
  startAccountHub,
  untilInside,
} from "./account-pages.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("an invitation: made, handed over as a link, accepted once", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const admin = await setUpAda(cleanup, browser, hub);
  let dialog = await openPeopleDialog(admin.page);
  await dialog.getByText("You are alone here.").waitFor();
  await dialog.getByRole("button", { name: "Invite…" }).click();
  await dialog.getByText("None. One that was accepted").waitFor();
  await dialog.getByLabel("As").selectOption("Admin");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByLabel("Invitation link").inputValue();
  expect(link).toMatch(/\/invite#lmi_[\w-]{43}$/);
  await dialog.getByRole("listitem").getByText("Invitation by Ada Lovelace").waitFor();

  const guest = await openAccountPage(cleanup, browser, link);
  await guest.page.getByText("Ada Lovelace invites you as an admin.").waitFor();
  await expectAddress(guest.page, "/invite");
  await fillNewAccount(guest.page, { ...grace, username: ada.username });
  await guest.page.getByRole("button", { name: "Make the account" }).click();
  await guest.page.getByRole("alert").getByText("This user name is taken.").waitFor();
  await guest.page.getByLabel("User name").fill(grace.username);
  await guest.page.keyboard.press("Enter");
  await untilInside(guest.page);

  const late = await openAccountPage(cleanup, browser, link);
  await late.page.getByRole("heading", { name: "This link does not work" }).waitFor();
  await late.page.getByText("Ask for a new one").waitFor();

  // One that nobody shall use any more.
  await dialog.getByRole("button", { name: "Make a link" }).click();
  await dialog.getByRole("button", { name: /^Withdraw/ }).click();
  await dialog.getByText("None. One that was accepted").waitFor();
  await closeDialog(admin.page);
  dialog = await openPeopleDialog(admin.page);
  await dialog.getByText("2 users").waitFor();
  await dialog
    .getByRole("listitem")
    .filter({ hasText: "Grace Hopper" })
    .getByText("admin")
    .waitFor();
  expect([...admin.problems, ...guest.problems]).toEqual([]);
});

test("a password is reset by a link that is shown once; role, logins and account by their buttons", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const admin = await setUpAda(cleanup, browser, hub);
  hub.accounts.addUser(grace);
  const user = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(user.page, grace);
  await untilInside(user.page);
  await user.page.getByRole("button", { name: "Account of Grace Hopper" }).click();
  await user.page.getByText("grace · user").waitFor();
  expect(await user.page.getByRole("menuitem", { name: "People…" }).count()).toBe(0);
  await user.page.keyboard.press("Escape");

  const dialog = await openPeopleDialog(admin.page);
  expect(await dialog.getByRole("button", { name: "Manage Ada Lovelace" }).count()).toBe(0);
  const row = dialog.getByRole("listitem").filter({ hasText: "Grace Hopper" });
  await row.getByText("1 login").waitFor();
  await row.getByRole("button", { name: "Manage Grace Hopper" }).click();

  await row.getByRole("button", { name: "Make an admin" }).click();
  await row.getByRole("button", { name: "Make a plain user" }).waitFor();
  await user.page.getByRole("button", { name: "Account of Grace Hopper" }).click();
  await user.page.getByText("grace · admin").waitFor();
  await user.page.keyboard.press("Escape");

  await row.getByRole("button", { name: "End logins" }).click();
  await row.getByRole("button", { name: "End all logins" }).click();
  await row.getByText("no logins").waitFor();
  await user.page.getByRole("heading", { name: "An admin ended your logins" }).waitFor();

  await row.getByRole("button", { name: "Reset password…" }).click();
  await row.getByRole("button", { name: "Reset the password" }).click();
  const link = await row.getByLabel("Link for a new password").inputValue();
  const reset = await openAccountPage(cleanup, browser, link);
  await reset.page.getByRole("heading", { name: "Set a new password" }).waitFor();
  await reset.page.getByLabel("New password").fill("bugs in relay number 70");
  await reset.page.keyboard.press("Enter");
  await untilInside(reset.page);

  await row.getByRole("button", { name: "Delete…" }).click();
  const last = row.getByRole("button", { name: "Delete the account" });
  await row.getByLabel("Type “grace”").fill("Grace");
  await expect(last.isDisabled()).resolves.toBe(true);
  await row.getByLabel("Type “grace”").fill("grace");
  await admin.page.keyboard.press("Enter");
  await dialog.getByText("1 user", { exact: true }).waitFor();
  await reset.page.getByRole("heading", { name: "This account was deleted" }).waitFor();
  expect([...admin.problems, ...user.problems, ...reset.problems]).toEqual([]);
});

test("a command line is let in by whoever is logged in, after it was looked at", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  hub.accounts.addUser(ada);
  const ask = (userCode: string) => {
    const asking = { userCode, userAgent: "leapmux/0.1.0 (linux; x64)", state: "waiting" as const };
    hub.accounts.cliLogins.set(userCode, asking);
  };
  ask("ABCD-1234");
  ask("WXYZ-9876");
  const { page, problems } = await openAccountPage(cleanup, browser, `${hub.url}/cli#ABCD-1234`);
  await page.getByText("Then you can approve the command line.").waitFor();
  await fillLogIn(page, ada);

  // The code of the address is looked up, and approved by nobody yet.
  await page.getByRole("heading", { name: "Log in a command line?" }).waitFor();
  await expectAddress(page, "/cli");
  await page.getByText("Command line on Linux").waitFor();
  await page.getByText("192.0.2.7").waitFor();
  expect(hub.accounts.cliLogins.get("ABCD-1234")?.state).toBe("waiting");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("heading", { name: "The command line is logged in" }).waitFor();
  expect(hub.accounts.cliLogins.get("ABCD-1234")?.state).toBe("approved");

  await page.goto(`${hub.url}/cli`);
  await page.getByLabel("Code").fill("abcd 1234");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Code").fill("wxyz9876");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Turn it away" }).click();
  await page.getByRole("heading", { name: "It was turned away" }).waitFor();
  expect(hub.accounts.cliLogins.get("WXYZ-9876")?.state).toBe("denied");
  await page.getByRole("button", { name: "Go to LeapMux" }).click();
  await untilInside(page);
  expect(problems).toEqual([]);
});

/** Admins: who is there, invitations, passwords that were forgotten; and a command line that asks to be let in. */
import { CliLoginState } from "@leapmux/proto/hub/v1/login_pb.ts";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { until } from "../harness/until.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  closeDialog,
  expectAddress,
  fillLogIn,
  fillNewAccount,
  grace,
  openAccountPage,
  openAdministration,
  setUpAda,
  untilInside,
} from "./account-pages.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("an invitation: made, handed over as a link, accepted once", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const admin = await setUpAda(cleanup, browser, hub);
  let dialog = await openAdministration(admin.page);
  await dialog.getByText("You are alone here.").waitFor();
  await dialog.getByRole("button", { name: "Invite…" }).click();
  await dialog.getByText("None. One that was accepted").waitFor();
  await dialog.getByLabel("As").selectOption("Admin");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByLabel("Invitation link").inputValue();
  expect(link).toMatch(/\/invite#lmi_[\w-]{43}$/);
  await dialog.getByRole("listitem").getByText("Invitation by ada-lovelace").waitFor();

  const guest = await openAccountPage(cleanup, browser, link);
  await guest.page.getByText("ada-lovelace invites you as an admin.").waitFor();
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
  dialog = await openAdministration(admin.page);
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
  await hub.addUser(grace);
  const user = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(user.page, grace);
  await untilInside(user.page);
  await user.page.getByRole("button", { name: "Account of Grace Hopper" }).click();
  await user.page.getByText("grace · user").waitFor();
  expect(await user.page.getByRole("menuitem", { name: "Administration…" }).count()).toBe(0);
  await user.page.keyboard.press("Escape");

  const dialog = await openAdministration(admin.page);
  expect(await dialog.getByRole("button", { name: "Manage Ada Lovelace" }).count()).toBe(0);
  const row = dialog.getByRole("listitem").filter({ hasText: "Grace Hopper" });
  await row.getByText("1 login").waitFor();
  await row.getByRole("button", { name: "Manage Grace Hopper" }).click();

  await row.getByRole("button", { name: "Make an admin" }).click();
  await row.getByRole("button", { name: "Make a plain user" }).waitFor();
  // A menu shows what was known when it was opened; the hub tells of the role on its own time.
  await until(async () => {
    await user.page.getByRole("button", { name: "Account of Grace Hopper" }).click();
    const isAdmin = await user.page.getByText("grace · admin").isVisible();
    await user.page.keyboard.press("Escape");
    return isAdmin;
  }, "the menu of an admin");

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
  await hub.addUser(ada);
  const first = await hub.startCommandLine();
  const second = await hub.startCommandLine();
  const address = `${hub.url}/cli#${first.code}`;
  const { page, problems } = await openAccountPage(cleanup, browser, address);
  await page.getByText("Then you can approve the command line.").waitFor();
  await fillLogIn(page, ada);

  // The code of the address is looked up, and approved by nobody yet.
  await page.getByRole("heading", { name: "Log in a command line?" }).waitFor();
  await expectAddress(page, "/cli");
  await page.getByText("Command line on Linux").waitFor();
  await page.getByText("127.0.0.1").waitFor();
  expect(await first.poll()).toBe(CliLoginState.WAITING);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByRole("heading", { name: "The command line is logged in" }).waitFor();
  expect(await first.poll()).toBe(CliLoginState.APPROVED);

  await page.goto(`${hub.url}/cli`);
  await page.getByLabel("Code").fill("bcdf 2345");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Code").fill(second.code.replace("-", " ").toLowerCase());
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Turn it away" }).click();
  await page.getByRole("heading", { name: "It was turned away" }).waitFor();
  expect(await second.poll()).toBe(CliLoginState.DENIED);
  await page.getByRole("button", { name: "Go to LeapMux" }).click();
  await untilInside(page);
  expect(problems).toEqual([]);
});

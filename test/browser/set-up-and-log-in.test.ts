/** The first account, and every way back into it: password, code of an app, recovery code, passkey. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { totpCode } from "../harness/totp-code.ts";
import { addVirtualAuthenticator } from "../harness/virtual-authenticator.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  chooseInMenu,
  closeDialog,
  expectAddress,
  fillLogIn,
  fillNewAccount,
  openAccountDialog,
  openAccountPage,
  setUpAda,
  untilInside,
} from "./account-pages.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("the printed address makes the first account; its token is gone from the address at once", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await openAccountPage(cleanup, browser, hub.setUpUrl);
  await page.getByRole("heading", { name: "Set up this hub" }).waitFor();
  await expectAddress(page, "/setup");

  await fillNewAccount(page, { ...ada, username: "Ada Lovelace" });
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByText("Only small letters, digits and hyphens.").waitFor();
  await fillNewAccount(page, { ...ada, password: "password1234" });
  await page.getByText("Easily guessed").waitFor();
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("alert").getByText("choose another one").waitFor();

  await page.getByLabel("Password", { exact: true }).fill(ada.password);
  await page.getByText("Strong.").waitFor();
  // Enter sends it, as from a password manager.
  await page.keyboard.press("Enter");
  await untilInside(page);
  await page.getByRole("button", { name: `Account of ${ada.displayName}` }).waitFor();
  expect(page.url()).not.toContain("lmi_");
  expect(problems).toEqual([]);

  // The second who opens it finds a hub that has its admin.
  const late = await openAccountPage(cleanup, browser, hub.setUpUrl);
  await late.page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
});

test("without the token the page says where it is, and takes the address too", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page } = await openAccountPage(cleanup, browser, hub.url);
  const field = page.getByLabel("Token or address");
  await field.fill("lmi_short");
  await page.keyboard.press("Enter");
  await page.getByText("That is not one.").waitFor();
  await field.fill(hub.setUpUrl.replace(hub.url, "https://hub.example"));
  await page.keyboard.press("Enter");
  await fillNewAccount(page, ada);
  await page.getByRole("button", { name: "Make the account" }).click();
  await untilInside(page);
});

test("an address of an earlier start is refused, and the page says which one is right", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const stale = `${hub.url}/setup#lmi_${"A".repeat(43)}`;
  const { page } = await openAccountPage(cleanup, browser, stale);
  await fillNewAccount(page, ada);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("alert").getByText("printed at its latest start").waitFor();
});

test("a log-in leads to the address that was asked for; wrong ones say what to do, and how long to wait", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  await hub.addUser(ada);
  const place = await hub.addWorkspace(ada);
  const before = hub.linksOpened();
  const { page, problems } = await openAccountPage(cleanup, browser, hub.url + place);
  await expect(page.getByLabel("User name").getAttribute("autocomplete")).resolves.toBe("username");
  const password = page.getByLabel("Password", { exact: true });
  await expect(password.getAttribute("autocomplete")).resolves.toBe("current-password");
  await expect.poll(() => page.getByLabel("User name").evaluate(isFocused)).toBe(true);

  await page.getByRole("button", { name: "Show the password" }).click();
  await expect(password.getAttribute("type")).resolves.toBe("text");
  await page.getByRole("button", { name: "Hide the password" }).click();

  // The first few are free; then the wait grows, so that the next one comes too early sooner or later.
  const answer = page.getByRole("alert").getByText(/That did not match\.|Too many tries\./);
  for (let tries = 0; ; tries += 1) {
    await fillLogIn(page, { ...ada, password: `wrong ${tries}` });
    await answer.waitFor();
    const text = await page.getByRole("alert").textContent();
    if (tries < 4) expect(text).toContain("That did not match.");
    else if (text?.includes("Too many tries.")) {
      expect(text).toMatch(/You can try again in \d+ s/);
      break;
    }
  }
  await expect(
    page.getByRole("button", { name: "Log in", exact: true }).isDisabled(),
  ).resolves.toBe(true);
  await page.getByRole("alert").waitFor({ state: "detached" });
  // No link is dialled for somebody who is not here.
  expect(hub.linksOpened()).toBe(before);

  await fillLogIn(page, ada);
  await untilInside(page);
  await expectAddress(page, place);
  await page.reload();
  await untilInside(page);

  await chooseInMenu(page, "Log out");
  await page.getByText("You are logged out.").waitFor();
  await expectAddress(page, "/");
  await page.reload();
  await page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  expect(problems).toEqual([]);
});

test("an authenticator app: set up by QR or secret, then code, recovery code, removal", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  const dialog = await openAccountDialog(page, "Second factor");
  await dialog.getByRole("button", { name: "Set up" }).click();
  await dialog.getByLabel("Your password").fill("wrong");
  await page.keyboard.press("Enter");
  await dialog.getByText("That is not your password.").waitFor();
  await dialog.getByLabel("Your password").fill(ada.password);
  await page.keyboard.press("Enter");
  await dialog.getByRole("img", { name: /QR code/ }).waitFor();
  const secret = (await dialog.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent()) ?? "";
  const code = dialog.getByLabel("Code that the app shows");
  await expect(code.getAttribute("autocomplete")).resolves.toBe("one-time-code");
  await code.fill(wrongCode(secret));
  await dialog.getByText("That code did not match.").waitFor();
  await code.fill(totpCode(secret, Date.now()));

  const codes = await dialog
    .getByRole("list", { name: "Recovery codes" })
    .getByRole("listitem")
    .allTextContents();
  expect(codes).toHaveLength(10);
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("leapmux-recovery-codes-ada-lovelace.txt");
  await dialog.getByRole("button", { name: "I kept them" }).click();
  await dialog.getByText("10 recovery codes are left.").waitFor();
  expect(await dialog.getByText(codes[0]!).count()).toBe(0);
  await closeDialog(page);

  await chooseInMenu(page, "Log out");
  await fillLogIn(page, ada);
  await page.getByLabel("Code from the app").fill(wrongCode(secret));
  await page.getByRole("alert").getByText("That did not match.").waitFor();
  // Each code counts once: the next one, as of an app whose clock is ahead.
  await page.getByLabel("Code from the app").fill(totpCode(secret, Date.now() + 30_000));
  await untilInside(page);

  await chooseInMenu(page, "Log out");
  await fillLogIn(page, ada);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(codes[3]!);
  await page.keyboard.press("Enter");
  await untilInside(page);

  const again = await openAccountDialog(page, "Second factor");
  await again.getByText("9 recovery codes are left.").waitFor();
  await again.getByRole("button", { name: "Remove" }).click();
  await again.getByLabel("Your password").fill(ada.password);
  await page.keyboard.press("Enter");
  await again.getByRole("button", { name: "Set up" }).waitFor();
  expect(problems).toEqual([]);
});

test("a passkey: added with a name, used alone and after the password, removed", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  const authenticator = await addVirtualAuthenticator(page);
  const dialog = await openAccountDialog(page, "Second factor");
  await dialog.getByText("No passkey yet.").waitFor();
  await dialog.getByRole("button", { name: "Add passkey" }).click();
  await dialog.getByLabel("Name").fill("My laptop");
  await dialog.getByLabel("Your password").fill(ada.password);
  await dialog.getByRole("button", { name: "Make a passkey" }).click();
  await dialog.getByRole("listitem").getByText("My laptop").waitFor();
  expect(await authenticator.credentials()).toBe(1);

  // The same device holds one already.
  await dialog.getByRole("button", { name: "Add passkey" }).click();
  await dialog.getByLabel("Your password").fill(ada.password);
  await dialog.getByRole("button", { name: "Make a passkey" }).click();
  await dialog.getByText("This device has a passkey for this account already.").waitFor();
  await closeDialog(page);

  await chooseInMenu(page, "Log out");
  await page.getByRole("button", { name: "Log in with a passkey" }).click();
  await untilInside(page);
  await chooseInMenu(page, "Log out");
  await fillLogIn(page, ada);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await untilInside(page);

  const again = await openAccountDialog(page, "Second factor");
  await again.getByRole("button", { name: "Remove My laptop" }).click();
  await again.getByLabel("Your password").fill(ada.password);
  await again.getByRole("button", { name: "Remove the passkey" }).click();
  await again.getByText("No passkey yet.").waitFor();
  expect(problems).toEqual([]);
});

function isFocused(element: Element): boolean {
  return element === document.activeElement;
}

/** Six digits that are the right ones neither now nor a step before or after. */
function wrongCode(secret: string): string {
  const right = [-1, 0, 1].map((step) => totpCode(secret, Date.now() + step * 30_000));
  return ["000000", "111111", "222222", "333333"].find((code) => !right.includes(code))!;
}

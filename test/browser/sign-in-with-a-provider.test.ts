/** The button on the log-in page, the account that is made of it, and the profile that unlinks it. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { addProvider, openUrlOf } from "../harness/sign-in-person.ts";
import { startHub } from "../harness/start-hub.ts";
import { startIdentityProvider } from "../harness/start-identity-provider.ts";
import { openAccountDialog } from "./account-pages.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { openPage } from "./open-page.ts";

const frontendDir = join(import.meta.dirname, "../../frontend/dist");
const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("a button leads out and back to a user name, and later straight in", async () => {
  const cleanup = cleanupAfterTest();
  const idp = await startIdentityProvider(cleanup);
  const hub = await startHub(cleanup, {
    ...{ kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true, frontendDir },
  });
  await addProvider(hub, idp);
  const url = openUrlOf(hub);
  idp.person = { sub: "bob-there", email: "bob@example.com", email_verified: true };

  const { page } = await openPage(cleanup, browser, url);
  await page.getByRole("button", { name: "Sign in with Company" }).click();
  await page.getByRole("heading", { name: "Make an account" }).waitFor();
  await page.getByText("as bob@example.com").waitFor();
  expect(await findSeriousProblems(page)).toEqual([]);
  expect(await page.getByLabel("User name").inputValue()).toBe("bob");
  await page.getByRole("button", { name: "Make the account" }).click();

  const dialog = await openAccountDialog(page);
  await dialog.getByRole("listitem").getByText("Company").waitFor();
  await dialog.getByRole("button", { name: "Unlink Company" }).click();
  // The same words once more, on the button that does it.
  await dialog.locator("form").getByRole("button", { name: "Unlink Company" }).click();
  await dialog.getByText("This is the only way into the account").waitFor();
  expect(await findSeriousProblems(page)).toEqual([]);

  const second = await openPage(cleanup, browser, url);
  await second.page.getByRole("button", { name: "Sign in with Company" }).click();
  await openAccountDialog(second.page);
  expect(new URL(second.page.url()).pathname).toBe("/");

  idp.person = null;
  const third = await openPage(cleanup, browser, url);
  await third.page.getByRole("button", { name: "Sign in with Company" }).click();
  await third.page.getByRole("heading", { name: "Not signed in" }).waitFor();
  await third.page.getByText("declined at Company").waitFor();
  expect(await findSeriousProblems(third.page)).toEqual([]);
  await third.page.getByRole("button", { name: "Continue" }).click();
  await third.page.getByRole("heading", { name: "Log in" }).waitFor();
});

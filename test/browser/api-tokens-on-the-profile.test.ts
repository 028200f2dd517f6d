/** A token for a program: made on the profile, shown once, used, seen in the list, and revoked there. */
import { createClient } from "@connectrpc/connect";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { refusalOf } from "@leapmux/hub/test-support/refusal-of.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import { closeDialog, openAccountDialog, setUpAda } from "./account-pages.ts";
import { findSeriousProblems } from "./check-accessibility.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("a token is made with scopes, shown once, works, and is cut off when it is revoked", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page } = await setUpAda(cleanup, browser, hub);
  const dialog = await openAccountDialog(page, "API tokens");
  await dialog.getByText("No token yet.").waitFor();
  await dialog.getByRole("button", { name: "New token" }).click();
  expect(await findSeriousProblems(page)).toEqual([]);

  await dialog.getByLabel("What it is for").fill("nightly build");
  await dialog.getByLabel("Your password").fill(ada.password);
  await dialog.getByRole("button", { name: "Make the token" }).click();
  await dialog.getByText("Choose at least one thing that the token may do.").waitFor();
  await dialog.getByText("read", { exact: true }).click();
  expect(await dialog.getByRole("checkbox", { name: "read" }).isChecked()).toBe(true);
  await dialog.getByLabel("For how long").selectOption("7");
  await dialog.getByRole("button", { name: "Make the token" }).click();

  await dialog.getByText("Copy both now: they are not shown again.").waitFor();
  const accessToken = await dialog.getByLabel("Access token").inputValue();
  expect(accessToken).toMatch(/^lmx_a/);
  expect(await dialog.getByLabel("Refresh token").inputValue()).toMatch(/^lmx_r/);
  expect(await findSeriousProblems(page)).toEqual([]);
  const row = dialog.getByRole("listitem");
  await row.getByText("nightly build").waitFor();
  expect(await row.textContent()).toMatch(/read.*never used.*ends in [67] days/);

  // Gone with the dialog, whoever looks for it.
  await closeDialog(page);
  const again = await openAccountDialog(page, "API tokens");
  await again.getByRole("listitem").waitFor();
  expect(await page.content()).not.toContain("lmx_");

  const calls = createClient(
    WorkspaceService,
    connectAs(hub.url, { authorization: `Bearer ${accessToken}` }),
  );
  expect(await refusalOf(calls.listWorkspaces({}))).toBe("answered");
  expect(await refusalOf(calls.createWorkspace({ title: "mine" }))).toBe("scope_required");
  await again.getByRole("button", { name: "Revoke nightly build" }).click();
  await again.getByText("What uses it is cut off at once.").waitFor();
  await again.getByRole("button", { name: "Revoke nightly build" }).click();
  await again.getByText("No token yet.").waitFor();
  expect(await refusalOf(calls.listWorkspaces({}))).toBe("unauthenticated");
});

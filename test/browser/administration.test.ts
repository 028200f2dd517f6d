/** What admins look after in the browser, with a real hub: each act is seen where it takes effect. */
import { readFile } from "node:fs/promises";
import { createClient } from "@connectrpc/connect";
import { verifyExport } from "@leapmux/hub/audit/verify-audit.ts";
import { makeHubLimits } from "@leapmux/hub/config/hub-limits.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { totpCode } from "../harness/totp-code.ts";
import { until } from "../harness/until.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  closeDialog,
  fillLogIn,
  grace,
  openAccountDialog,
  openAccountPage,
  openAdministration,
  setUpAda,
  untilInside,
} from "./account-pages.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

test("settings: sign-up opens without a restart, what is wrong is said beside it, others are not overwritten", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  const stranger = await openAccountPage(cleanup, browser, hub.url);
  await stranger.page.getByRole("heading", { name: "Log in", exact: true }).waitFor();
  expect(await stranger.page.getByRole("button", { name: "Make an account" }).count()).toBe(0);

  const dialog = await openAdministration(page, "Settings");
  await dialog.getByLabel("Signup enabled").selectOption("On");
  await dialog.getByText("1 change is not saved.").waitFor();
  // It outlives a look at another part, and closing asks first.
  await dialog.getByRole("tab", { name: "Users" }).click();
  await dialog.getByText("1 user", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await dialog.getByText("Settings are not saved.").waitFor();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByText("The setting is saved.").waitFor();
  const row = dialog.getByRole("listitem").filter({ hasText: "signup_enabled" });
  await row.getByText("by ada-lovelace").waitFor();
  await stranger.page.reload();
  await stranger.page.getByRole("button", { name: "Make an account" }).waitFor();

  const idle = dialog.getByRole("listitem").filter({ hasText: "login_idle_time" });
  await idle.getByRole("textbox").fill("1s");
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await idle.getByRole("alert").getByText("Must be from 5m to 365d.").waitFor();
  await idle.getByRole("textbox").fill("30d");
  await hub.as(ada, async ({ transport }) => {
    await createClient(SettingsAdminService, transport).setSettings({
      settings: [{ name: "login_idle_time", value: "3d" }],
    });
  });
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await idle.getByRole("alert").getByText("ada-lovelace changed this to 3d meanwhile.").waitFor();
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await idle.getByRole("button", { name: "Reset" }).click();
  await dialog.getByText("The setting is as it is built in.").waitFor();
  await expect.poll(() => idle.getByRole("textbox").inputValue()).toBe("7d");
  await dialog.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => idle.getByRole("textbox").inputValue()).toBe("30d");

  const secret = dialog.getByLabel("SMTP password");
  await secret.fill("correct horse");
  await dialog.getByRole("button", { name: "Discard SMTP password" }).click();
  expect(await secret.inputValue()).toBe("");
  expect(problems).toEqual([]);
});

test("audit: an act appears, is found by who and what, is verified and taken along as a file", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  await hub.addUser(grace);
  await hub.setRole(grace, "admin");
  const dialog = await openAdministration(page, "Audit");
  const table = dialog.getByRole("table", { name: "Entries of the audit log" });
  const act = table.getByRole("row").filter({ hasText: "User: role changed" }).first();
  await act.getByText("user grace").waitFor();
  await act.getByText("ada-lovelace").waitFor();

  await act.getByRole("button", { name: "User: role changed" }).click();
  // Its beginning, its end, and the head of the table.
  await expect.poll(() => table.getByRole("row").count()).toBe(3);
  expect(await dialog.getByLabel("Action").inputValue()).toBe("user.role_changed");
  await dialog.getByLabel("Who").fill("grace");
  await page.keyboard.press("Enter");
  await dialog.getByText("No entry is like that.").waitFor();
  await dialog.getByRole("button", { name: "Show all" }).click();
  await table.getByText("Workspace: made").waitFor();

  await dialog.getByRole("button", { name: "Verify" }).click();
  await dialog.getByText("Nothing was altered, removed or inserted.").waitFor();
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Export" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^leapmux-audit-\d{4}-\d\d-\d\d\.jsonl$/);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
  const { auditSignEveryEntries: signEveryEntries } = makeHubLimits();
  const asked = { signEveryEntries, key: undefined, receipt: undefined };
  expect(await verifyExport(lines, asked)).toMatchObject({ ok: true });
  expect(problems).toEqual([]);
});

test("keys: rotated, a second factor is sealed anew, the former one goes and the factor still counts", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const { page, problems } = await setUpAda(cleanup, browser, hub);
  let dialog = await openAccountDialog(page, "Second factor");
  await dialog.getByRole("button", { name: "Set up" }).click();
  await dialog.getByLabel("Your password").fill(ada.password);
  await dialog.getByRole("button", { name: "Go on" }).click();
  const secret = (await dialog.getByText(/^([A-Z2-7]{4} ?){8}$/).textContent()) ?? "";
  await dialog.getByLabel("Code that the app shows").fill(totpCode(secret, Date.now()));
  await dialog.getByRole("list", { name: "Recovery codes" }).waitFor();
  await closeDialog(page);

  dialog = await openAdministration(page, "Keys");
  const version = (number: number) =>
    dialog.getByRole("listitem").filter({ hasText: `Version ${number}` });
  await version(1).getByText("active").waitFor();
  await version(1)
    .getByText(/made today · seals 1 of \w+\.\w+/)
    .waitFor();
  await dialog.getByRole("button", { name: "Rotate", exact: true }).click();
  await dialog.getByText("Version 2 seals from now on.").waitFor();
  await version(2).getByText("seals nothing").waitFor();

  const remove = async (): Promise<void> => {
    await dialog.getByLabel("Type “version 1” to go on").fill("version 1");
    await page.keyboard.press("Enter");
  };
  await version(1).getByRole("button", { name: "Remove version 1" }).click();
  await remove();
  await version(1)
    .getByRole("alert")
    .getByText(/still needed by 1 of/)
    .waitFor();
  await dialog.getByRole("button", { name: "Re-encrypt" }).click();
  await dialog.getByText("1 value was sealed anew.").waitFor();
  await version(2)
    .getByText(/seals 1 of/)
    .waitFor();
  await version(1).getByText("seals nothing").waitFor();

  await dialog.getByRole("button", { name: "Rotate token key…" }).click();
  await dialog.getByText("All recovery codes end").waitFor();
  await dialog.getByLabel("Type “rotate” to go on").fill("rotate");
  await page.keyboard.press("Enter");
  await dialog.getByText("Generation 2 of the token key is in use.").waitFor();
  await dialog.getByText("The former key counts until").waitFor();

  const other = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(other.page, ada);
  await other.page.getByLabel("Code from the app").fill(totpCode(secret, Date.now() + 30_000));
  await untilInside(other.page);
  expect([...problems, ...other.problems]).toEqual([]);
});

test("a plain user has none of it, and an admin whose role ends is told so", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  await hub.addUser(ada);
  await hub.addUser(grace);
  const { page, problems } = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(page, grace);
  await untilInside(page);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByText("grace · user").waitFor();
  expect(await page.getByRole("menuitem", { name: "Administration…" }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+KeyP");
  await page.getByRole("combobox", { name: "Find a command" }).fill("Administration");
  expect(await page.getByRole("option", { name: /Administration/ }).count()).toBe(0);
  await closeDialog(page);

  await hub.setRole(grace, "admin");
  // A menu shows what was known when it was opened; the hub tells of the role on its own time.
  await until(async () => {
    await page.getByRole("button", { name: /^Account of/ }).click();
    const entry = page.getByRole("menuitem", { name: "Administration…" });
    if (await entry.isVisible()) {
      await entry.click();
      return true;
    }
    await page.keyboard.press("Escape");
    return false;
  }, "the menu of an admin");
  const dialog = page.getByRole("dialog", { name: "Administration" });
  await dialog.getByText("2 users").waitFor();
  await hub.setRole(grace, "user");
  await dialog.getByRole("heading", { name: "You are not an admin any more" }).waitFor();
  expect(await dialog.getByRole("tab").count()).toBe(0);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  expect(problems).toEqual([]);
});

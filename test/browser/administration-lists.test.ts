/**
 * What an admin sees of everybody's logins, workers and tokens, and how the hub is; all of administration
 * is without serious findings of axe, and on a phone nothing is wider than it.
 */
import { createClient } from "@connectrpc/connect";
import { registerWorker } from "@leapmux/hub/test-support/register-worker.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { ada, startAccountHub } from "./account-hub.ts";
import {
  fillLogIn,
  grace,
  openAccountPage,
  openAdministration,
  setUpAda,
  untilInside,
} from "./account-pages.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { desk, phone } from "./open-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

/** A name that would be markup, were it not text. */
const clientName = '<img src=x onerror="document.title=1"> backup';

test.each([
  ["light", "desk"],
  ["dark", "desk"],
  ["light", "phone"],
  ["dark", "phone"],
] as const)("%s, %s", async (colorScheme, size) => {
  const cleanup = cleanupAfterTest();
  const hub = await startAccountHub(cleanup);
  const isPhone = size === "phone";
  const options = { colorScheme, viewport: isPhone ? phone : desk, touch: isPhone };
  const { page, problems } = await setUpAda(cleanup, browser, hub, options);
  const found: Record<string, unknown> = {};
  async function check(state: string, shown: Locator): Promise<void> {
    await shown.first().waitFor();
    const serious = await findSeriousProblems(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (serious.length > 0) found[state] = serious;
    if (width > options.viewport.width) found[`${state}, width`] = width;
  }
  await hub.addUser({ ...grace, displayName: "Grace Brewster Murray Hopper of the Navy" });
  const { key } = await hub.as(grace, ({ transport }) =>
    createClient(WorkerService, transport).createRegistrationKey({}),
  );
  await registerWorker(hub.url, "worker-0007", { key });
  const guest = await openAccountPage(cleanup, browser, hub.url);
  await fillLogIn(guest.page, grace);
  await untilInside(guest.page);

  if (isPhone) await page.getByRole("button", { name: "Workspaces and workers" }).tap();
  const dialog = await openAdministration(page);
  const show = (name: string) => dialog.getByRole("tab", { name, exact: true }).click();
  await check("users", dialog.getByText("2 users"));

  await show("Logins");
  const logins = dialog.getByRole("listitem");
  await expect.poll(() => logins.count()).toBe(2);
  await logins.filter({ hasText: "this one" }).getByText("ada-lovelace").waitFor();
  await dialog.getByLabel("Whose").selectOption("grace");
  await expect.poll(() => logins.count()).toBe(1);
  await check("logins", dialog.getByRole("button", { name: "End all of grace" }));
  await dialog.getByRole("button", { name: "End all of grace" }).click();
  await dialog.getByRole("button", { name: "End all logins of grace now" }).click();
  await dialog.getByText("Nobody is logged in.").waitFor();
  await guest.page.getByRole("heading", { name: "An admin ended your logins" }).waitFor();

  await show("Workers");
  const worker = dialog.getByRole("listitem").filter({ hasText: "grace" });
  await worker.getByRole("button", { name: /^Deregister/ }).click();
  await check("workers", dialog.getByText("Every terminal on it ends"));
  await worker.getByRole("textbox").fill("fake");
  await page.keyboard.press("Enter");
  await worker.getByText("deregistering", { exact: true }).waitFor();

  // Her tokens would have ended with her logins.
  await hub.as(ada, ({ transport }) =>
    createClient(TokensAdminService, transport).issueToken({
      ...{ username: grace.username, clientName, scopes: ["read"] },
      lifeMs: BigInt(7 * 86_400_000),
    }),
  );
  await show("API tokens");
  const token1 = dialog.getByRole("listitem").filter({ hasText: clientName });
  await token1.getByRole("button", { name: /^Revoke/ }).click();
  await check("tokens", dialog.getByText("This cannot be taken back."));
  await token1.getByRole("button", { name: `Revoke ${clientName}`, exact: true }).click();
  await dialog.getByText("Nobody has an API token.").waitFor();
  expect(await dialog.locator("img").count()).toBe(0);

  await show("Settings");
  await dialog.getByLabel("Login idle time").fill("nonsense");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await check("settings", dialog.getByRole("alert"));
  await dialog.getByRole("button", { name: "Discard all" }).click();
  await show("Audit");
  await dialog.getByRole("button", { name: "Verify" }).click();
  await check("audit", dialog.getByText("Nothing was altered"));
  await show("Keys");
  await dialog.getByRole("button", { name: "Rotate", exact: true }).click();
  await dialog.getByRole("button", { name: "Remove version 1" }).click();
  await dialog.getByRole("button", { name: "Rotate token key…" }).click();
  await check("keys", dialog.getByText("All recovery codes end"));
  await show("Health");
  await check("health", dialog.getByText("Version 2 is active, made today."));
  await dialog.getByText(/^\d+ entries, signed up to \d+\.$/).waitFor();
  await dialog.getByRole("button", { name: "Show Encryption keys" }).click();
  await dialog.getByRole("heading", { name: "Token key" }).waitFor();
  expect(found).toEqual({});
  expect(problems).toEqual([]);
});

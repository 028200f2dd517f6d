import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { expect, test } from "vitest";
import { makeHubLimits } from "../../config/hub-limits.ts";
import { setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { inviteBob } from "../../test-support/revocations.ts";
import { startTestHub } from "../../test-support/start-links.ts";
import { pageTokenOf } from "../page-token.ts";

async function start() {
  const { hub, url } = await startTestHub({
    kind: "hub",
    limits: makeHubLimits({ maxUsersPerPage: 1 }),
  });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  await inviteBob(url, ann);
  return createClient(AdminService, ann.transport);
}

test("users come page by page, never more at once than the hub gives", async () => {
  const admin = await start();
  const first = await admin.listUsers({ pageSize: 4_294_967_295 });
  expect(first.users.map(({ username }) => username)).toEqual(["ann"]);
  expect(first.nextPageToken).not.toBe("");
  const second = await admin.listUsers({ pageToken: first.nextPageToken });
  expect(second.users.map(({ username }) => username)).toEqual(["bob"]);
  expect(second.nextPageToken).toBe("");
  expect(await admin.listUsers({ name: "BO" })).toMatchObject({
    users: [{ username: "bob" }],
    nextPageToken: "",
  });
});

test("what is no page token of this list is refused", async () => {
  const admin = await start();
  for (const pageToken of [
    "x",
    "ann",
    "' or 1=1",
    `${pageTokenOf("ann")}=`,
    pageTokenOf("ann' or 1=1"),
    pageTokenOf("a".repeat(33)),
    "A".repeat(60_000),
  ]) {
    expect(await refusalOf(admin.listUsers({ pageToken })), pageToken.slice(0, 20)).toBe(
      "invalid_request",
    );
  }
  expect(await refusalOf(admin.listUsers({ name: "x".repeat(129) }))).toBe("invalid_request");
});

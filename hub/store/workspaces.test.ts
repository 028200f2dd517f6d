import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../test-support/open-test-store.ts";
import { maxPositionLength } from "./position.ts";
import type { Store } from "./open-store.ts";
import { makeWorkspaces, type Workspaces } from "./workspaces.ts";

let store: Store;
let close: () => Promise<void>;
let workspaces: Workspaces;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  workspaces = makeWorkspaces(store, { maxWorkspaces: 3, maxTabsPerWorkspace: 5 });
});
afterEach(() => close());

const create = (id: string, userId = "ann") =>
  workspaces.create({ workspace_id: id, user_id: userId, title: id, created_at_ms: 1 });
const addTab = (id: string, after = "", workspaceId = "w1", userId = "ann") =>
  workspaces.createTab(
    userId,
    { tab_id: id, workspace_id: workspaceId, worker_id: "worker-0001", kind: "terminal" },
    after,
  );
const order = async (workspaceId = "w1") => {
  const tabs = await workspaces.listTabs("ann", workspaceId);
  return tabs.ok ? tabs.value.map((tab) => tab.tab_id).join("") : tabs.reason;
};

test("tabs come last, after another, and move anywhere", async () => {
  await create("w1");
  for (const id of ["a", "b", "c"]) expect(await addTab(id)).toMatchObject({ ok: true });
  await addTab("d", "a");
  expect(await order()).toBe("adbc");
  await workspaces.moveTab("ann", "c", "");
  expect(await order()).toBe("cadb");
  await workspaces.moveTab("ann", "c", "b");
  expect(await order()).toBe("adbc");
  await workspaces.moveTab("ann", "c", "b");
  expect(await order()).toBe("adbc");
  await workspaces.removeTab("ann", "d");
  expect(await order()).toBe("abc");
});

test("an exhausted gap renumbers the tabs and keeps their order", async () => {
  await create("w1");
  for (const id of ["a", "b", "c", "d"]) await addTab(id);
  // Each move goes right behind the first one, so always into the same, ever smaller gap.
  let expected = ["a", "b", "c", "d"];
  for (let round = 0; round < 400; round += 1) {
    const last = expected.at(-1) ?? "";
    await workspaces.moveTab("ann", last, "a");
    expected = ["a", last, ...expected.slice(1, -1)];
  }
  expect(await order()).toBe(expected.join(""));
  const rows = await store.selectFrom("tabs").select("position").execute();
  expect(Math.max(...rows.map((row) => row.position.length))).toBeLessThanOrEqual(
    maxPositionLength,
  );
});

test("limits hold for each user and each workspace", async () => {
  for (const id of ["w1", "w2", "w3"]) expect(await create(id)).toMatchObject({ ok: true });
  expect(await create("w4")).toEqual({ ok: false, reason: "limit_reached" });
  expect(await create("w5", "bob")).toMatchObject({ ok: true });
  for (const id of ["a", "b", "c", "d", "e"]) await addTab(id);
  expect(await addTab("f")).toEqual({ ok: false, reason: "limit_reached" });
  expect(await addTab("f", "", "w2")).toMatchObject({ ok: true });
});

test("nobody sees, changes or refers to what is another's", async () => {
  await create("w1");
  await addTab("a");
  await create("w9", "bob");
  await addTab("z", "", "w9", "bob");
  const notFound = { ok: false, reason: "not_found" };
  expect(await workspaces.list("bob")).toHaveLength(1);
  expect(await workspaces.rename("bob", "w1", "mine")).toEqual(notFound);
  expect(await workspaces.remove("bob", "w1")).toEqual(notFound);
  expect(await workspaces.listTabs("bob", "w1")).toEqual(notFound);
  expect(await addTab("b", "", "w1", "bob")).toEqual(notFound);
  expect(await addTab("b", "z")).toEqual(notFound);
  expect(await workspaces.moveTab("ann", "a", "z")).toEqual(notFound);
  expect(await workspaces.moveTab("bob", "a", "")).toEqual(notFound);
  expect(await workspaces.removeTab("bob", "a")).toEqual(notFound);
  expect(await addTab("z", "", "w1")).toEqual({ ok: false, reason: "already_exists" });
});

test("the tabs of a workspace go with it", async () => {
  await create("w1");
  await addTab("a");
  expect(await workspaces.remove("ann", "w1")).toMatchObject({
    ok: true,
    value: [{ tab_id: "a" }],
  });
  expect(await store.selectFrom("tabs").selectAll().execute()).toEqual([]);
});

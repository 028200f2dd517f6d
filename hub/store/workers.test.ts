import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "./open-store.ts";
import { makeWorkers, type Workers } from "./workers.ts";

let store: Store;
let close: () => Promise<void>;
let workers: Workers;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  workers = makeWorkers(store);
  await store
    .insertInto("workers")
    .values({
      worker_id: "w1",
      user_id: "ann",
      name: "box",
      composite_public_key: new Uint8Array(1664),
      encryption_mode: "post-quantum",
      token_hash: "hash",
      created_at_ms: 0,
    })
    .execute();
});
afterEach(() => close());

test("name and icon are its owner's to choose", async () => {
  expect(await workers.change("bob", "w1", { name: "mine", icon: "" })).toBeUndefined();
  expect(await workers.change("ann", "w2", { name: "x", icon: "" })).toBeUndefined();
  const changed = await workers.change("ann", "w1", { name: "attic", icon: "home" });
  expect(changed).toMatchObject({ name: "attic", icon: "home" });
  expect(await workers.find("w1")).toEqual(changed);
});

test("a worker is marked by its owner, or by whoever may for everybody; a bundled one never", async () => {
  expect(await workers.markDeregistering("bob", "w1")).toEqual({ ok: false, reason: "not_found" });
  expect((await workers.find("w1"))?.deregistering).toBe(0);
  expect(await workers.markDeregistering("ann", "w1")).toMatchObject({ ok: true, again: false });
  expect((await workers.find("w1"))?.deregistering).toBe(1);
  expect(await workers.markDeregistering(null, "w1")).toMatchObject({ ok: true, again: true });
  await store.updateTable("workers").set({ bundled: 1, deregistering: 0 }).execute();
  expect(await workers.markDeregistering("ann", "w1")).toEqual({ ok: false, reason: "bundled" });
  expect((await workers.find("w1"))?.deregistering).toBe(0);
});

test("a worker that is removed takes the places of its tabs along", async () => {
  for (const id of ["p", "q", "r"]) {
    await store
      .insertInto("workspaces")
      .values({ workspace_id: id, user_id: "ann", title: "t", created_at_ms: 0 })
      .execute();
  }
  for (const [tab, workspace, worker, position] of [
    ["t1", "p", "w1", "A"],
    ["t2", "p", "w1", "B"],
    ["t3", "q", "w1", "A"],
    ["t4", "r", "w2", "A"],
  ] as const) {
    const row = { tab_id: tab, workspace_id: workspace, worker_id: worker, position };
    await store
      .insertInto("tabs")
      .values({ ...row, kind: "terminal" })
      .execute();
  }
  const { workspaceIds } = await workers.remove("w1");
  expect(workspaceIds.sort()).toEqual(["p", "q"]);
  expect(await workers.find("w1")).toBeUndefined();
  const left = await store.selectFrom("tabs").select("tab_id").execute();
  expect(left).toEqual([{ tab_id: "t4" }]);
  expect(await workers.remove("w1")).toEqual({ workspaceIds: [] });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "../store/open-store.ts";

/** Accounts for what refers to them. */
export async function addUsers(store: Store, userIds: readonly string[]): Promise<void> {
  const rows = userIds.map((user_id) => ({
    user_id,
    username: user_id.replace("_", "-"),
    display_name: user_id,
    role: "user" as const,
    password_hash: "hash",
    created_at_ms: 1,
  }));
  await store.insertInto("users").values(rows).execute();
}

/** The real database in a directory of its own. */
export async function openTestStore(): Promise<{ store: Store; close(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), "leapmux-store-"));
  const store = await openStore(directory);
  return {
    store,
    async close() {
      await store.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

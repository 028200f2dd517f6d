import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "../store/open-store.ts";

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

import { makeKeyedHash, type KeyedHash } from "./keyed-hash.ts";
import type { Store } from "./open-store.ts";
import { loadSecretFile } from "./private-files.ts";

/**
 * The hash that this hub's tokens are stored as. A hub that lost its key would not know one of its workers,
 * and they believe it: each would wipe its registration. So it does not start.
 */
export async function loadKeyedHash(dataDir: string, store: Store): Promise<KeyedHash> {
  const user = await store.selectFrom("users").select("user_id").limit(1).executeTakeFirst();
  // A bundled worker is told anew at each start.
  const worker = await store
    .selectFrom("workers")
    .select("worker_id")
    .where("bundled", "=", 0)
    .limit(1)
    .executeTakeFirst();
  const mayMake = user === undefined && worker === undefined;
  return makeKeyedHash(loadSecretFile(dataDir, "token-hash.key", { mayMake }));
}

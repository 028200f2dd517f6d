import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { makeKeyOperations } from "../keystore/key-operations.ts";
import { makeKeystore } from "../keystore/keystore.ts";
import { makePepperFile } from "../keystore/pepper-file.ts";
import { makeRingFile } from "../keystore/ring-file.ts";
import type { Wrapping } from "../keystore/wrapping-key.ts";
import { openStore } from "../store/open-store.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import { addUsers } from "./open-test-store.ts";

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Key files and a database with sealed values, and a clock that the test moves. */
export async function startKeys(wrapping: Wrapping = { kind: "none" }) {
  const directory = mkdtempSync(join(tmpdir(), "leapmux-keys-"));
  const store = await openStore(directory);
  const manual = makeManualClock(1_000_000);
  const clock = { ...manual, wallMs: () => 1_700_000_000_000 + manual.now() };
  const openRing = () => makeRingFile({ directory, wrapping, random, wallMs: clock.wallMs });
  const ringFile = openRing();
  const pepperFile = makePepperFile(directory, random);
  const ring = await ringFile.load({ mayMake: true });
  await pepperFile.load({ mayMake: true });
  const parts = { store, ringFile, pepperFile, random, wallMs: clock.wallMs };
  const load = () => openRing().load({ mayMake: false });
  return {
    directory,
    store,
    clock,
    ring,
    openRing,
    ringFile,
    pepperFile,
    operations: makeKeyOperations(parts),
    load,
    /** One sealed value for each of these users. */
    async seal(userIds: readonly string[]) {
      await addUsers(store, userIds);
      const keystore = makeKeystore(await load(), random);
      for (const userId of userIds) {
        const secret = keystore.seal(sealedPlace("totpSecret", userId), Buffer.from(userId));
        const row = { user_id: userId, secret, last_step: 0, created_at_ms: 0 };
        await store.insertInto("totp").values(row).execute();
      }
    },
    /** What each user's value opens to. */
    async open(): Promise<Record<string, string>> {
      const keystore = makeKeystore(await load(), random);
      const rows = await store.selectFrom("totp").selectAll().orderBy("user_id").execute();
      return Object.fromEntries(
        rows.map(({ user_id: userId, secret }) => {
          const opened = keystore.open(sealedPlace("totpSecret", userId), secret);
          return [userId, opened.ok ? Buffer.from(opened.plaintext).toString() : opened.reason];
        }),
      );
    },
    async close() {
      await store.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

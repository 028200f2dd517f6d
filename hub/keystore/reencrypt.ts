import {
  countKeyUses,
  everySealedColumn,
  replaceSealed,
  sealedOtherwise,
} from "../store/sealed-columns.ts";
import type { Store } from "../store/open-store.ts";
import type { Keystore } from "./keystore.ts";

/** `left` are those under other keys that have not been looked at; `unreadable` ones stay as they are. */
export interface ReencryptProgress {
  readonly done: number;
  readonly left: number;
  readonly unreadable: number;
}

const batchSize = 100;
/** Whoever changes a row meanwhile makes another look necessary; nobody does so for ever. */
const maxLooks = 10;

/**
 * Seals anew, with the active key, what an older one sealed: row by row, each in one step that loses to
 * whoever changed the row meanwhile. So every row can be read at every moment, and after an interruption the
 * next run goes on by itself, for it looks for what is not under the active key.
 */
export async function* reencrypt(
  store: Store,
  keystore: Keystore,
): AsyncGenerator<ReencryptProgress> {
  let done = 0;
  let unreadable = 0;
  for (let look = 0; look < maxLooks; look += 1) {
    const head = keystore.head();
    let left = await countOthers(store, keystore.activeVersion());
    let changedMeanwhile = 0;
    unreadable = 0;
    if (look === 0) yield { done, left, unreadable };
    for (const entry of everySealedColumn) {
      let after = "";
      for (;;) {
        const rows = await sealedOtherwise(store, entry, { head, after, limit: batchSize });
        for (const each of rows) {
          const place = { table: entry.table, column: entry.column, row: each.row };
          const opened = keystore.open(place, each.sealed);
          after = each.row;
          left = Math.max(0, left - 1);
          if (!opened.ok) unreadable += 1;
          else {
            const fresh = keystore.seal(place, opened.plaintext);
            if (await replaceSealed(store, entry, each, fresh)) done += 1;
            else changedMeanwhile += 1;
          }
        }
        if (rows.length === 0) break;
        yield { done, left, unreadable };
      }
    }
    if (changedMeanwhile === 0) break;
  }
  yield { done, left: 0, unreadable };
}

async function countOthers(store: Store, activeVersion: number): Promise<number> {
  const uses = await countKeyUses(store);
  return uses
    .filter(({ version }) => version !== activeVersion)
    .reduce((sum, { count }) => sum + count, 0);
}

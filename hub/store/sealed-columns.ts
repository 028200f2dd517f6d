import { sql } from "kysely";
import type { Store } from "./open-store.ts";
import type { Tables } from "./schema.ts";

/** Every column that hub/keystore seals: as long as one holds anything, a missing key file is a lost one. */
export const sealedColumns = {
  totpSecret: { table: "totp", column: "secret", rowKey: "user_id" },
  setting: { table: "settings", column: "sealed", rowKey: "name" },
} as const satisfies Readonly<
  Record<string, { readonly table: keyof Tables; readonly column: string; readonly rowKey: string }>
>;

/** Where a value of this column is sealed for. */
export function sealedPlace(name: keyof typeof sealedColumns, row: string) {
  const { table, column } = sealedColumns[name];
  return { table, column, row };
}

/** Whether any key is needed. */
export async function holdsSealed(store: Store): Promise<boolean> {
  for (const { table, column } of Object.values(sealedColumns)) {
    const { rows } = await sql`
      select 1 from ${sql.table(table)} where ${sql.ref(column)} is not null limit 1
    `.execute(store);
    if (rows.length > 0) return true;
  }
  return false;
}

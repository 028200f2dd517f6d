import type { Store } from "./open-store.ts";
import type { PendingSignUpRow } from "./schema.ts";

/** Identities whose owners have yet to choose a user name. One of each browser; the oldest make room. */
export interface PendingSignUps {
  put(row: PendingSignUpRow, nowMs: number): Promise<void>;
  find(signUpId: string, nowMs: number): Promise<PendingSignUpRow | undefined>;
  remove(signUpId: string): Promise<void>;
}

export function makePendingSignUps(
  store: Store,
  limits: { readonly maxPendingSignUps: number },
): PendingSignUps {
  return {
    put: (row, nowMs) =>
      store.transaction().execute(async (db) => {
        await db
          .deleteFrom("pending_sign_ups")
          .where((of) =>
            of.or([of("expires_at_ms", "<=", nowMs), of("sign_up_id", "=", row.sign_up_id)]),
          )
          .execute();
        await db
          .deleteFrom("pending_sign_ups")
          .where("sign_up_id", "in", (of) =>
            of
              .selectFrom("pending_sign_ups")
              .select("sign_up_id")
              .orderBy("expires_at_ms", "desc")
              .orderBy("sign_up_id")
              .limit(limits.maxPendingSignUps)
              .offset(limits.maxPendingSignUps - 1),
          )
          .execute();
        await db.insertInto("pending_sign_ups").values(row).execute();
      }),

    find: (signUpId, nowMs) =>
      store
        .selectFrom("pending_sign_ups")
        .selectAll()
        .where("sign_up_id", "=", signUpId)
        .where("expires_at_ms", ">", nowMs)
        .executeTakeFirst(),

    async remove(signUpId) {
      await store.deleteFrom("pending_sign_ups").where("sign_up_id", "=", signUpId).execute();
    },
  };
}

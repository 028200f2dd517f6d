import { putGrant, type StoredGrant } from "./grants.ts";
import type { Store } from "./open-store.ts";
import type { ApprovalRequestRow } from "./schema.ts";

/** Devices that ask the other devices of their account for a grant; each asks once at a time, for minutes. */
export interface ApprovalRequests {
  /** Takes the place of an earlier request of the same device. */
  add(request: ApprovalRequestRow): Promise<"added" | "limit_reached">;
  list(userId: string, nowMs: number): Promise<ApprovalRequestRow[]>;
  /** Ends the request and, where there is one, stores the grant with it. Null grant: declined. */
  answer(
    userId: string,
    requestId: string,
    nowMs: number,
    grant: Omit<StoredGrant, "user_id"> | null,
  ): Promise<"answered" | "not_found" | "limit_reached">;
}

export function makeApprovalRequests(
  store: Store,
  limits: { readonly maxApprovalRequests: number; readonly maxGrants: number },
): ApprovalRequests {
  return {
    add: (request) =>
      store.transaction().execute(async (db) => {
        await db
          .deleteFrom("approval_requests")
          .where("expires_at_ms", "<=", request.created_at_ms)
          .execute();
        await db
          .deleteFrom("approval_requests")
          .where("user_id", "=", request.user_id)
          .where("device_public_key", "=", request.device_public_key)
          .execute();
        const { count } = await db
          .selectFrom("approval_requests")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", request.user_id)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxApprovalRequests) return "limit_reached";
        await db.insertInto("approval_requests").values(request).execute();
        return "added";
      }),

    list: (userId, nowMs) =>
      store
        .selectFrom("approval_requests")
        .selectAll()
        .where("user_id", "=", userId)
        .where("expires_at_ms", ">", nowMs)
        .orderBy("created_at_ms")
        .orderBy("request_id")
        .execute(),

    answer: (userId, requestId, nowMs, grant) =>
      store.transaction().execute(async (db) => {
        const request = await db
          .selectFrom("approval_requests")
          .select("request_id")
          .where("request_id", "=", requestId)
          .where("user_id", "=", userId)
          .where("expires_at_ms", ">", nowMs)
          .executeTakeFirst();
        if (request === undefined) return "not_found";
        if (grant !== null) {
          const put = await putGrant(db, { ...grant, user_id: userId }, nowMs, limits);
          // The request stays: once there is room it can be answered.
          if (put === "limit_reached") return "limit_reached";
        }
        await db.deleteFrom("approval_requests").where("request_id", "=", requestId).execute();
        return "answered";
      }),
  };
}

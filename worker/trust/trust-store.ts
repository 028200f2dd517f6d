import { type Kysely, sql } from "kysely";
import type {
  KnownDeviceRow,
  PendingDeviceRow,
  RefusedOpeningRow,
  RevocationRow,
  RootRow,
  WorkerTables,
} from "../store/tables.ts";

/** What strangers can make a worker keep is bounded: the oldest goes. */
export const trustBounds = {
  knownDevices: 256,
  pendingDevices: 64,
  /** Per reason, so that a flood of one kind does not wash away another. */
  refusedOpeningsPerReason: 50,
  /** Only trusted devices add to these, and none is ever forgotten. */
  revocations: 4096,
  /** In force at once; more say nothing new. */
  revocationsPerDevice: 16,
  /** In memory, until something shows who signed them: of all issuers, of one. */
  heldRevocations: 64,
  heldRevocationsPerIssuer: 4,
  /** Statements that wait to be looked at: of the hub, and as many of callers. */
  waitingRevocations: 1024,
  /** Callers whose grants are kept to tell who signed what the hub sends. */
  rememberedCallers: 32,
} as const;

/** Roots, revocations and what was seen of devices, in `worker.db`: also written by the command line. */
export interface TrustStore {
  listRoots(): Promise<readonly RootRow[]>;
  /** Inserts or replaces. The device is no longer pending. */
  addRoot(row: RootRow): Promise<void>;
  listRevocations(): Promise<readonly RevocationRow[]>;
  /**
   * `overruled`: the console has trusted the device since, so it says nothing new; nothing is kept. One that is
   * there already stays as it is. `revokedAtMs`: as the statement says; `null` for the console's own.
   */
  addRevocation(
    row: RevocationRow,
    revokedAtMs: number | null,
  ): Promise<"kept" | "full" | "overruled">;
  overruleRevocations(deviceId: string, atMs: number): Promise<void>;
  /** Who was seen last comes last. */
  listKnownDevices(): Promise<readonly KnownDeviceRow[]>;
  saveKnownDevice(row: KnownDeviceRow): Promise<void>;
  listPendingDevices(): Promise<readonly PendingDeviceRow[]>;
  savePendingDevice(row: Omit<PendingDeviceRow, "words">): Promise<void>;
  saveWords(deviceId: string, words: string): Promise<void>;
  listRefusedOpenings(): Promise<readonly RefusedOpeningRow[]>;
  /** One that says the same as an earlier one takes its place. */
  addRefusedOpening(row: RefusedOpeningRow): Promise<void>;
  /** Changes when another process wrote. */
  readDataVersion(): Promise<number>;
  /** Trusts nobody any more. Revocations and what was refused stay. */
  forgetDevices(): Promise<void>;
}

export function makeTrustStore(database: Kysely<WorkerTables>): TrustStore {
  return {
    listRoots: () => database.selectFrom("roots").selectAll().orderBy("added_at_ms").execute(),

    addRoot: (row) =>
      database.transaction().execute(async (transaction) => {
        await transaction.replaceInto("roots").values(row).execute();
        await transaction
          .deleteFrom("pending_devices")
          .where("device_id", "=", row.device_id)
          .execute();
      }),

    listRevocations: () => database.selectFrom("revocations").selectAll().execute(),

    addRevocation: (row, revokedAtMs) =>
      database.transaction().execute(async (transaction) => {
        // In the transaction: another process may be approving the device at this moment.
        const approvedAtMs = await findApproval(transaction, row.device_id);
        if (revokedAtMs !== null && approvedAtMs !== null && revokedAtMs <= approvedAtMs) {
          return "overruled";
        }
        const { count } = await transaction
          .selectFrom("revocations")
          .select((from) => from.fn.countAll<number>().as("count"))
          .executeTakeFirstOrThrow();
        if (count >= trustBounds.revocations) return "full";
        await transaction
          .insertInto("revocations")
          .values(row)
          .onConflict((conflict) => conflict.column("statement_id").doNothing())
          .execute();
        return "kept";
      }),

    async overruleRevocations(deviceId, atMs) {
      await database
        .updateTable("revocations")
        .set({ overruled_at_ms: atMs })
        .where("device_id", "=", deviceId)
        .where("overruled_at_ms", "is", null)
        .execute();
    },

    listKnownDevices: () =>
      database.selectFrom("known_devices").selectAll().orderBy("last_seen_at_ms").execute(),

    saveKnownDevice: (row) =>
      database.transaction().execute(async (transaction) => {
        await transaction.replaceInto("known_devices").values(row).execute();
        await transaction
          .deleteFrom("known_devices")
          .where("device_id", "not in", (from) =>
            from
              .selectFrom("known_devices")
              .select("device_id")
              .orderBy("last_seen_at_ms", "desc")
              .limit(trustBounds.knownDevices),
          )
          .execute();
      }),

    listPendingDevices: () =>
      database.selectFrom("pending_devices").selectAll().orderBy("seen_at_ms", "desc").execute(),

    savePendingDevice: (row) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("pending_devices")
          .values({ ...row, words: null })
          .onConflict((conflict) =>
            conflict
              .column("device_id")
              .doUpdateSet({ user_id: row.user_id, seen_at_ms: row.seen_at_ms }),
          )
          .execute();
        await transaction
          .deleteFrom("pending_devices")
          .where("device_id", "not in", (from) =>
            from
              .selectFrom("pending_devices")
              .select("device_id")
              .orderBy("seen_at_ms", "desc")
              .limit(trustBounds.pendingDevices),
          )
          .execute();
      }),

    async saveWords(deviceId, words) {
      await database
        .updateTable("pending_devices")
        .set({ words })
        .where("device_id", "=", deviceId)
        .execute();
    },

    listRefusedOpenings: () =>
      database
        .selectFrom("refused_openings")
        .select(["at_ms", "reason", "user_id", "device_id", "detail"])
        .orderBy("sequence", "desc")
        .execute(),

    addRefusedOpening: (row) =>
      database.transaction().execute(async (transaction) => {
        const { reason, user_id: userId, device_id: deviceId, detail } = row;
        await transaction
          .deleteFrom("refused_openings")
          .where("reason", "=", reason)
          .where("user_id", "=", userId)
          .where("device_id", "=", deviceId)
          .where("detail", "=", detail)
          .execute();
        await transaction.insertInto("refused_openings").values(row).execute();
        await transaction
          .deleteFrom("refused_openings")
          .where("reason", "=", reason)
          .where("sequence", "not in", (from) =>
            from
              .selectFrom("refused_openings")
              .select("sequence")
              .where("reason", "=", reason)
              .orderBy("sequence", "desc")
              .limit(trustBounds.refusedOpeningsPerReason),
          )
          .execute();
      }),

    async readDataVersion() {
      const { rows } = await sql<{ data_version: number }>`PRAGMA data_version`.execute(database);
      return rows[0]?.data_version ?? 0;
    },

    forgetDevices: () =>
      database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("roots").execute();
        await transaction.deleteFrom("known_devices").execute();
        await transaction.deleteFrom("pending_devices").execute();
      }),
  };
}

/** When the console trusted the device last; `null`: never. */
async function findApproval(
  database: Kysely<WorkerTables>,
  deviceId: string,
): Promise<number | null> {
  const root = await database
    .selectFrom("roots")
    .select("added_at_ms")
    .where("device_id", "=", deviceId)
    .where("source", "=", "console")
    .executeTakeFirst();
  const { overruled } = await database
    .selectFrom("revocations")
    .select((from) => from.fn.max("overruled_at_ms").as("overruled"))
    .where("device_id", "=", deviceId)
    .executeTakeFirstOrThrow();
  const times = [root?.added_at_ms, overruled].filter((time) => typeof time === "number");
  return times.length > 0 ? Math.max(...times) : null;
}

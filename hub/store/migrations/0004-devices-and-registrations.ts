import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Bytes } from "../dialect.ts";

/** Pairing, what devices tell each other, and workers that are told to stop for good. */
export function devicesAndRegistrations(bytes: Bytes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable("workers")
        .addColumn("icon", "text", (column) => column.notNull().defaultTo(""))
        .execute();
      await db.schema
        .alterTable("workers")
        .addColumn("deregistering", "integer", (column) => column.notNull().defaultTo(0))
        .execute();

      // Keys live for minutes: the former ones are void.
      await db.schema.dropTable("registration_keys").execute();
      await db.schema
        .createTable("registration_keys")
        .addColumn("key_id", "text", (column) => column.primaryKey())
        .addColumn("key_hash", "text", (column) => column.notNull().unique())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
        .addColumn("destroyed_at_ms", "bigint")
        .addColumn("used_at_ms", "bigint")
        .addColumn("worker_id", "text")
        .addColumn("composite_public_key", sql.raw(bytes))
        .addColumn("encryption_mode", "text")
        .addColumn("worker_mac", sql.raw(bytes))
        .addColumn("device_public_key", sql.raw(bytes))
        .addColumn("device_mac", sql.raw(bytes))
        .execute();
      await db.schema
        .createIndex("registration_keys_of_worker")
        .on("registration_keys")
        .column("worker_id")
        .execute();

      await db.schema
        .createTable("approval_requests")
        .addColumn("request_id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("device_public_key", sql.raw(bytes), (column) => column.notNull())
        .addColumn("user_agent", "text", (column) => column.notNull())
        .addColumn("address", "text", (column) => column.notNull())
        .addColumn("created_at_ms", "bigint", (column) => column.notNull())
        .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("approval_requests_of_user")
        .on("approval_requests")
        .column("user_id")
        .execute();

      await db.schema
        .createTable("grants")
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("issuer_device_id", "text", (column) => column.notNull())
        .addColumn("subject_device_id", "text", (column) => column.notNull())
        .addColumn("signed_grant", sql.raw(bytes), (column) => column.notNull())
        .addPrimaryKeyConstraint("grants_key", ["user_id", "issuer_device_id", "subject_device_id"])
        .execute();

      await db.schema
        .createTable("device_revocations")
        // Of the account, counted up from 1: links that missed some ask for those behind the last they saw.
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("sequence", "bigint", (column) => column.notNull())
        .addColumn("device_id", "text", (column) => column.notNull())
        .addColumn("signed_revocation", sql.raw(bytes), (column) => column.notNull())
        .addPrimaryKeyConstraint("device_revocations_key", ["user_id", "sequence"])
        .execute();
    },
    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ["device_revocations", "grants", "approval_requests"]) {
        await db.schema.dropTable(table).execute();
      }
      for (const column of ["deregistering", "icon"]) {
        await db.schema.alterTable("workers").dropColumn(column).execute();
      }
      await db.schema.dropTable("registration_keys").execute();
      await db.schema
        .createTable("registration_keys")
        .addColumn("key_hash", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("expires_at_ms", "bigint", (column) => column.notNull())
        .addColumn("used_at_ms", "bigint")
        .execute();
    },
  };
}

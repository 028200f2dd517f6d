import { join } from "node:path";
import Database from "better-sqlite3";
import { databaseName } from "./backup-files.ts";

export interface EndedByRestore {
  readonly logins: number;
  readonly apiTokens: number;
  /** Invitations, links to a new password, registration keys that nobody used. */
  readonly oneTimeLinks: number;
}

/** In this order, for the database may be of a version that knows only some of them. */
const tables = ["logins", "refresh_tokens", "api_tokens", "invitations", "registration_keys"];

/**
 * A restored database knows everything that was ended or used up since the backup as if it had not been. So
 * whatever lets somebody in by itself ends; passwords, second factors and workers stay. No hub runs on it.
 */
export function endRestoredLogins(dataDir: string): EndedByRestore {
  const database = new Database(join(dataDir, databaseName));
  try {
    database.pragma("foreign_keys = ON");
    const remove = database.transaction(() => {
      const ended = new Map<string, number>();
      for (const table of tables) {
        const isThere = database
          .prepare("select 1 from sqlite_master where type = 'table' and name = ?")
          .get(table);
        const unused = table === "registration_keys" ? " where used_at_ms is null" : "";
        if (isThere === undefined) continue;
        ended.set(table, database.prepare(`delete from ${table}${unused}`).run().changes);
      }
      return ended;
    });
    const ended = remove();
    return {
      logins: ended.get("logins") ?? 0,
      apiTokens: ended.get("api_tokens") ?? 0,
      oneTimeLinks: (ended.get("invitations") ?? 0) + (ended.get("registration_keys") ?? 0),
    };
  } finally {
    database.close();
  }
}

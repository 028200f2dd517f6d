import type { Store } from "./open-store.ts";
import type { TabRow, WorkspaceRow } from "./schema.ts";
import {
  comparePositions,
  maxPositionLength,
  positionBetween,
  spreadPositions,
} from "./position.ts";

/**
 * Workspaces and the places of their tabs, each seen only by its owner. Counts are checked and places
 * chosen inside the transaction that writes them.
 */
export interface Workspaces {
  list(userId: string): Promise<WorkspaceRow[]>;
  create(row: WorkspaceRow): Promise<Outcome<WorkspaceRow>>;
  rename(userId: string, workspaceId: string, title: string): Promise<Outcome<WorkspaceRow>>;
  remove(userId: string, workspaceId: string): Promise<Outcome<TabRow[]>>;
  listTabs(userId: string, workspaceId: string): Promise<Outcome<TabRow[]>>;
  /** `afterTabId` empty: last. */
  createTab(
    userId: string,
    tab: Omit<TabRow, "position">,
    afterTabId: string,
  ): Promise<Outcome<TabRow>>;
  /** `afterTabId` empty: first. */
  moveTab(userId: string, tabId: string, afterTabId: string): Promise<Outcome<TabRow>>;
  removeTab(userId: string, tabId: string): Promise<Outcome<TabRow>>;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: "not_found" | "already_exists" | "limit_reached" };

const notFound = { ok: false, reason: "not_found" } as const;

export function makeWorkspaces(
  store: Store,
  limits: { readonly maxWorkspaces: number; readonly maxTabsPerWorkspace: number },
): Workspaces {
  const find = (db: Store, userId: string, workspaceId: string) =>
    db
      .selectFrom("workspaces")
      .selectAll()
      .where("workspace_id", "=", workspaceId)
      .where("user_id", "=", userId)
      .executeTakeFirst();

  const findTab = (db: Store, userId: string, tabId: string) =>
    db
      .selectFrom("tabs")
      .innerJoin("workspaces", "workspaces.workspace_id", "tabs.workspace_id")
      .selectAll("tabs")
      .where("tab_id", "=", tabId)
      .where("workspaces.user_id", "=", userId)
      .executeTakeFirst();

  const tabsOf = async (db: Store, workspaceId: string): Promise<TabRow[]> => {
    const rows = await db
      .selectFrom("tabs")
      .selectAll()
      .where("workspace_id", "=", workspaceId)
      .execute();
    return rows.sort((a, b) => comparePositions(a.position, b.position));
  };

  /** A place among `tabs` behind `after` (null: first). Renumbers the others when the gap is used up. */
  const place = async (db: Store, tabs: TabRow[], after: TabRow | null): Promise<string> => {
    const index = after === null ? 0 : tabs.indexOf(after) + 1;
    const position = positionBetween(after?.position ?? null, tabs[index]?.position ?? null);
    if (position.length <= maxPositionLength) return position;
    const spread = spreadPositions(tabs.length + 1);
    const [own] = spread.splice(index, 1);
    // Through names that collide with neither old nor new places.
    for (const prefix of ["~", ""]) {
      for (const [at, tab] of tabs.entries()) {
        await db
          .updateTable("tabs")
          .set({ position: `${prefix}${spread[at]}` })
          .where("tab_id", "=", tab.tab_id)
          .execute();
      }
    }
    return own ?? position;
  };

  return {
    list: (userId) =>
      store
        .selectFrom("workspaces")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("created_at_ms")
        .orderBy("workspace_id")
        .execute(),

    create: (row) =>
      store.transaction().execute(async (db) => {
        const { count } = await db
          .selectFrom("workspaces")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", row.user_id)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxWorkspaces) return { ok: false, reason: "limit_reached" };
        await db.insertInto("workspaces").values(row).execute();
        return { ok: true, value: row };
      }),

    rename: (userId, workspaceId, title) =>
      store.transaction().execute(async (db) => {
        const row = await find(db, userId, workspaceId);
        if (row === undefined) return notFound;
        await db
          .updateTable("workspaces")
          .set({ title })
          .where("workspace_id", "=", workspaceId)
          .execute();
        return { ok: true, value: { ...row, title } };
      }),

    remove: (userId, workspaceId) =>
      store.transaction().execute(async (db) => {
        if ((await find(db, userId, workspaceId)) === undefined) return notFound;
        const tabs = await tabsOf(db, workspaceId);
        await db.deleteFrom("workspaces").where("workspace_id", "=", workspaceId).execute();
        return { ok: true, value: tabs };
      }),

    listTabs: (userId, workspaceId) =>
      store.transaction().execute(async (db) => {
        if ((await find(db, userId, workspaceId)) === undefined) return notFound;
        return { ok: true, value: await tabsOf(db, workspaceId) };
      }),

    createTab: (userId, tab, afterTabId) =>
      store.transaction().execute(async (db) => {
        if ((await find(db, userId, tab.workspace_id)) === undefined) return notFound;
        const taken = await db
          .selectFrom("tabs")
          .select("tab_id")
          .where("tab_id", "=", tab.tab_id)
          .executeTakeFirst();
        if (taken !== undefined) return { ok: false, reason: "already_exists" };
        const tabs = await tabsOf(db, tab.workspace_id);
        if (tabs.length >= limits.maxTabsPerWorkspace)
          return { ok: false, reason: "limit_reached" };
        const after =
          afterTabId === ""
            ? (tabs.at(-1) ?? null)
            : tabs.find((other) => other.tab_id === afterTabId);
        if (after === undefined) return notFound;
        const row: TabRow = { ...tab, position: await place(db, tabs, after) };
        await db.insertInto("tabs").values(row).execute();
        return { ok: true, value: row };
      }),

    moveTab: (userId, tabId, afterTabId) =>
      store.transaction().execute(async (db) => {
        const tab = await findTab(db, userId, tabId);
        if (tab === undefined) return notFound;
        const all = await tabsOf(db, tab.workspace_id);
        const others = all.filter((other) => other.tab_id !== tabId);
        const after =
          afterTabId === "" ? null : others.find((other) => other.tab_id === afterTabId);
        if (after === undefined) return notFound;
        // Its old place must not stand in the way when the others are numbered anew.
        await db.updateTable("tabs").set({ position: "~" }).where("tab_id", "=", tabId).execute();
        const position = await place(db, others, after);
        await db.updateTable("tabs").set({ position }).where("tab_id", "=", tabId).execute();
        return { ok: true, value: { ...tab, position } };
      }),

    removeTab: (userId, tabId) =>
      store.transaction().execute(async (db) => {
        const tab = await findTab(db, userId, tabId);
        if (tab === undefined) return notFound;
        await db.deleteFrom("tabs").where("tab_id", "=", tabId).execute();
        return { ok: true, value: tab };
      }),
  };
}

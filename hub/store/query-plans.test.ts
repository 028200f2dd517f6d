/**
 * What anybody can cause must not look through a whole table: the database answers while the hub waits.
 */
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from "kysely";
import { expect, test } from "vitest";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeInvitation, makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { cleanUp } from "../test-support/start-links.ts";
import { makeApiTokens, type NewApiToken } from "./api-tokens.ts";
import { makeApprovalRequests } from "./approval-requests.ts";
import { makeInvitations } from "./invitations.ts";
import { makeLoginAdministration } from "./login-administration.ts";
import { makeLogins } from "./logins.ts";
import type { Store } from "./open-store.ts";
import { makeRegistrationKeys } from "./registration-keys.ts";
import { makeRevocationEvents } from "./revocation-events.ts";
import { makeUsers } from "./users.ts";
import { makeWorkerAdministration } from "./worker-administration.ts";
import { makeWorkers } from "./workers.ts";

/** The tables that are read from end to end by what runs on the store. */
async function scanned(store: Store, run: (watched: Store) => Promise<unknown>): Promise<string[]> {
  const nodes: RootOperationNode[] = [];
  const watch: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  await run(store.withPlugin(watch));
  const executor = store.getExecutor();
  const tables = new Set<string>();
  for (const node of nodes) {
    const { sql, parameters } = executor.compileQuery(node, { queryId: "plan" });
    const plan = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    const { rows } = await store.executeQuery<{ readonly detail: string }>(plan);
    for (const { detail } of rows) {
      const table = /^SCAN (\w+)/.exec(detail)?.[1];
      if (table !== undefined && table !== "CONSTANT") tables.add(table);
    }
  }
  expect(nodes.length).toBeGreaterThan(0);
  return [...tables].sort();
}

const limits = makeHubLimits();
const page = { after: "", limit: 9, name: "ann" };
const key = { key_id: "reg_1", key_hash: "hash", user_id: "usr_ann", expires_at_ms: 500 };
const worker = {
  worker_id: "worker-0001",
  name: "one",
  composite_public_key: new Uint8Array(1664),
  encryption_mode: "post-quantum" as const,
  token_hash: "hash",
  created_at_ms: 0,
};
const token: NewApiToken = {
  token_id: "tok_1",
  kind: "api",
  user_id: "usr_ann",
  client_name: "one",
  scopes: "read",
  issued_by: "usr_ann",
  parent_token_id: null,
  access_hash: "access",
  access_expires_at_ms: 9,
  created_at_ms: 0,
  last_used_at_ms: 0,
  expires_at_ms: 9,
  ends_at_ms: 9,
  refresh_hash: "refresh",
};
const request = {
  request_id: "apr_1",
  user_id: "usr_ann",
  device_public_key: new Uint8Array(8),
  user_agent: "",
  address: "",
  created_at_ms: 0,
  expires_at_ms: 100,
};

test.each<readonly [string, (store: Store) => Promise<unknown>, readonly string[]]>([
  ["the list of accounts", (store) => makeUsers(store, limits).list(page), []],
  ["the end of an account", (store) => makeUsers(store, limits).remove("usr_ann", 1, null), []],
  ["a role", (store) => makeUsers(store, limits).setRole("usr_bob", "user", null), []],
  ["the first admin", (store) => makeUsers(store, limits).firstAdmin(), []],
  ["a new registration key", (store) => makeRegistrationKeys(store, limits).add(key, 1), []],
  [
    "a registration",
    async (store) => {
      const keys = makeRegistrationKeys(store, limits);
      await keys.add(key, 1);
      await keys.redeem("hash", 1, worker, new Uint8Array(0));
      await keys.findAnswer(worker.worker_id, 1);
    },
    [],
  ],
  ["the workers of an account", (store) => makeWorkers(store).list("usr_ann"), []],
  ["a request of a device", (store) => makeApprovalRequests(store, limits).add(request), []],
  ["the end of logins", (store) => makeLogins(store, limits).expire(1), []],
  [
    "a login",
    (store) => makeLogins(store, limits).create(makeLogin("lgn_1", "usr_ann"), { epoch: 0 }),
    [],
  ],
  [
    "an API token from its making to its end",
    async (store) => {
      const tokens = makeApiTokens(store, limits);
      await tokens.create(token, { epoch: 0, needsAdmin: false, issuer: null });
      await tokens.find("tok_1");
      await tokens.rotate({
        ...{ tokenId: "tok_1", refreshHash: "refresh", nextRefreshHash: "next" },
        ...{ nextAccessHash: "next", nowMs: 1, graceMs: 1, accessMs: 1, refreshMs: 1 },
      });
      await tokens.list("usr_ann", 1);
      const after = { createdAtMs: 0, tokenId: "tok_0" };
      await tokens.listPage({ kind: "api", nowMs: 1, limit: 9, after });
      await tokens.storeUses(new Map([["tok_1", 1]]));
      await tokens.expire(1);
      await tokens.revoke({ tokenId: "tok_1" }, "ended_by_user", 1);
    },
    [],
  ],
  [
    "the logins of everybody, page by page",
    async (store) => {
      const logins = makeLoginAdministration(store);
      await logins.list({ userId: null, after: "", limit: 9, nowMs: 1 });
      await logins.list({ userId: "usr_ann", after: "lgn_1", limit: 9, nowMs: 1 });
      await logins.end("lgn_1", null, 1);
    },
    [],
  ],
  [
    "workers and registration keys of everybody, page by page",
    async (store) => {
      const workers = makeWorkerAdministration(store);
      const page = { after: "", limit: 9 };
      await workers.list({ ...page, userId: null, deregistering: null });
      await workers.list({ ...page, userId: "usr_ann", deregistering: true });
      await workers.find("worker-0001");
      await workers.listKeys(page);
      await workers.revokeKey("reg_1", null, 1);
    },
    [],
  ],
  ["what revoked long ago", (store) => makeRevocationEvents(store).forgetBefore(1), []],
  ["an invitation", (store) => makeInvitations(store, limits).invite(makeInvitation("inv_1")), []],
])("%s reads no table from end to end", async (_what, run, allowed) => {
  const { store, close } = await openTestStore();
  cleanUp(close);
  const users = makeUsers(store, limits);
  await users.createFirst(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob", { role: "admin" }));
  expect(await scanned(store, run)).toEqual(allowed);
});

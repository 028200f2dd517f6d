import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeHubLog } from "../ops/hub-log.ts";
import { makeApiTokens } from "../store/api-tokens.ts";
import { makeLogins, type Logins } from "../store/logins.ts";
import type { Store } from "../store/open-store.ts";
import { addEvents, makeRevocationEvents } from "../store/revocation-events.ts";
import { makeUsers } from "../store/users.ts";
import { makeFakeRelay } from "../test-support/fake-links.ts";
import { makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeLoginLife } from "./login-life.ts";
import { makeTokenUses } from "./token-uses.ts";
import { watchRevocations, type RevocationWatch } from "./watch-revocations.ts";

let store: Store;
let logins: Logins;
let watch: RevocationWatch;
let close: () => Promise<void>;
let fake: ReturnType<typeof makeFakeRelay>;
const revokedWorkers: string[] = [];
let failures = 0;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  logins = makeLogins(store, { maxLoginsPerUser: 9 });
  await makeUsers(store, { maxUsers: 9 }).create(makeUser("ann"));
  fake = makeFakeRelay();
  revokedWorkers.length = 0;
  failures = 0;
  // Before this process: nothing to do with what is open in it.
  await addEvents(store, "worker", ["worker-of-old"], "account_deleted", 0);
  watch = await startWatch();
});
afterEach(async () => {
  await watch.stop();
  await close();
});

function startWatch(): Promise<RevocationWatch> {
  const wallMs = (): number => fake.clock.now();
  const tokens = makeApiTokens(store, fake.relay.limits);
  return watchRevocations({
    events: makeRevocationEvents(store),
    logins,
    life: makeLoginLife({ logins, idleMs: 300_000, wallMs }),
    tokens,
    uses: makeTokenUses({ tokens, wallMs }),
    relay: fake.relay,
    clock: fake.relay.clock,
    log: makeHubLog(pino({ level: "silent" })),
    async onWorkerRevoked(workerId) {
      if ((failures -= 1) >= 0) throw new Error("the database is busy");
      revokedWorkers.push(workerId);
    },
  });
}

const addLogin = (id: string, expires_at_ms = 300_000) =>
  logins.create(makeLogin(id, "usr_ann", { expires_at_ms }), { epoch: 0 });

/** The look of a second, whole. */
async function look(): Promise<void> {
  fake.clock.advance(1_000);
  await watch.settled();
}

test("what was committed before is done when react has resolved, each event once", async () => {
  await addLogin("lgn_1");
  const link = fake.client("link-1", "ann", "lgn_1");
  await watch.react();
  expect(link.loginEnds).toEqual([]);
  await logins.end("usr_ann", "lgn_1", "logged_out", 1);
  await addEvents(store, "worker", ["worker-0001"], "account_deleted", 1);
  await Promise.all([watch.react(), watch.react()]);
  expect(link.loginEnds).toEqual(["logged_out"]);
  expect(revokedWorkers).toEqual(["worker-0001"]);
});

test("what another process wrote is found by the look of each second", async () => {
  await addLogin("lgn_1");
  const link = fake.client("link-1", "ann", "lgn_1");
  await logins.end("usr_ann", "lgn_1", "ended_by_admin", 1);
  await look();
  expect(link.loginEnds).toEqual(["ended_by_admin"]);
});

test("more events than a page holds are all taken", async () => {
  const ids = Array.from({ length: 2_100 }, (_, index) => `worker-${index}`);
  await store.transaction().execute((db) => addEvents(db, "worker", ids, "account_deleted", 1));
  await watch.react();
  expect(revokedWorkers).toEqual(ids);
});

test("a login whose time has passed ends what stands on it, unless its channels were used", async () => {
  await addLogin("lgn_idle");
  await addLogin("lgn_used");
  const idle = fake.client("link-1", "ann", "lgn_idle");
  const used = fake.client("link-2", "ann", "lgn_used", () => true);
  fake.clock.advance(298_000);
  await look();
  expect([idle.loginEnds, used.loginEnds]).toEqual([[], []]);
  await look();
  expect([idle.loginEnds, used.loginEnds]).toEqual([["expired"], []]);
  expect(await logins.isLive("lgn_used", 500_000)).toBe(true);
});

test("use is written at most once a minute", async () => {
  await addLogin("lgn_1");
  let asked = 0;
  fake.client("link-1", "ann", "lgn_1", () => (asked += 1) > 0);
  for (let second = 0; second < 61; second += 1) await look();
  expect(asked).toBe(2);
});

test("how often one looks is a limit of the hub", async () => {
  await watch.stop();
  fake = makeFakeRelay({ revocationCheckMs: 5_000 });
  watch = await startWatch();
  await addEvents(store, "worker", ["worker-0001"], "account_deleted", 1);
  fake.clock.advance(4_999);
  await watch.settled();
  expect(revokedWorkers).toEqual([]);
  fake.clock.advance(1);
  await watch.settled();
  expect(revokedWorkers).toEqual(["worker-0001"]);
});

test("a revocation that could not be done is done by the next look, and those behind it as well", async () => {
  await addEvents(store, "worker", ["worker-0001", "worker-0002"], "account_deleted", 1);
  failures = 1;
  await watch.react();
  expect(revokedWorkers).toEqual([]);
  await look();
  expect(revokedWorkers).toEqual(["worker-0001", "worker-0002"]);
});

test("a look that can write nothing ends what was revoked all the same", async () => {
  await addLogin("lgn_1");
  await addLogin("lgn_used");
  const link = fake.client("link-1", "ann", "lgn_1");
  fake.client("link-2", "ann", "lgn_used", () => true);
  await logins.end("usr_ann", "lgn_1", "ended_by_admin", 1);
  await store.schema.alterTable("logins").renameTo("gone").execute();
  await store.schema.alterTable("api_tokens").renameTo("gone_too").execute();
  await look();
  expect(link.loginEnds).toEqual(["ended_by_admin"]);
  await store.schema.alterTable("gone").renameTo("logins").execute();
  await store.schema.alterTable("gone_too").renameTo("api_tokens").execute();
});

test("where tokens cannot be looked at, logins end at their time nevertheless", async () => {
  await addLogin("lgn_old", 500);
  const old = fake.client("link-1", "ann", "lgn_old");
  await store.schema.alterTable("api_tokens").renameTo("gone").execute();
  await look();
  expect(old.loginEnds).toEqual(["expired"]);
  await store.schema.alterTable("gone").renameTo("api_tokens").execute();
});

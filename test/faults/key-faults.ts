import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeKeyOperations } from "@leapmux/hub/keystore/key-operations.ts";
import { makeKeystore } from "@leapmux/hub/keystore/keystore.ts";
import { makePepperFile } from "@leapmux/hub/keystore/pepper-file.ts";
import { makeRingFile } from "@leapmux/hub/keystore/ring-file.ts";
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { loadKeyedHash } from "@leapmux/hub/store/load-keyed-hash.ts";
import { openStore, type Store } from "@leapmux/hub/store/open-store.ts";
import { countKeyUses, holdsSealed, sealedPlace } from "@leapmux/hub/store/sealed-columns.ts";
import { addUsers } from "@leapmux/hub/test-support/open-test-store.ts";
import { makeLogin } from "@leapmux/hub/test-support/make-user.ts";
import type { FaultOperation } from "./fault-operation.ts";

/** Everything that changes the keys of a hub, over its real files and its real database. */

export const userIds = Array.from({ length: 8 }, (_, index) => `usr_${index}`);
const random = (length: number) => new Uint8Array(randomBytes(length));
/** After every kill it is later: a grace has not ended, and a key was not made a moment ago. */
const settledMs = 60_000;
const plain: Wrapping = { kind: "none" };

/** A key of the test's own, so that no run waits for Argon2id. */
const wrapped: Wrapping = {
  kind: "command",
  command: [
    process.execPath,
    "-e",
    `process.stdout.write("${Buffer.alloc(32, 7).toString("hex")}")`,
  ],
};

async function open(directory: string, { wrapping = plain, atMs = settledMs } = {}) {
  const store = await openStore(directory);
  const wallMs = () => atMs;
  const ringFile = makeRingFile({ directory, wrapping, random, wallMs });
  const pepperFile = makePepperFile(directory, random);
  const operations = makeKeyOperations({ store, ringFile, pepperFile, random, wallMs });
  const hash = await loadKeyedHash(pepperFile, store, wallMs);
  return { store, ringFile, pepperFile, operations, hash };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function withOpened<T>(
  directory: string,
  run: (opened: Opened) => Promise<T>,
  options: { readonly wrapping?: Wrapping; readonly atMs?: number } = {},
): Promise<T> {
  const opened = await open(directory, options);
  try {
    return await run(opened);
  } finally {
    await opened.store.destroy();
  }
}

/** A hub that was used: a value sealed for each user, and each user logged in. */
export async function prepareHub(directory: string): Promise<null> {
  await withOpened(
    directory,
    async ({ store, ringFile, hash }) => {
      const keystore = makeKeystore(await ringFile.load({ mayMake: true }), random);
      await addUsers(store, userIds);
      for (const userId of userIds) {
        const secret = keystore.seal(sealedPlace("totpSecret", userId), Buffer.from(userId));
        const row = { user_id: userId, secret, last_step: 0, created_at_ms: 0 };
        await store.insertInto("totp").values(row).execute();
        const token_hash = hash.hash(`token of ${userId}`);
        const login = makeLogin(`lgn_${userId}`, userId, { token_hash, expires_at_ms: 2 ** 45 });
        await store.insertInto("logins").values(login).execute();
      }
    },
    { atMs: 1 },
  );
  return null;
}

async function run(directory: string, act: (opened: Opened) => Promise<unknown>) {
  const opened = await open(directory);
  return async () => {
    await act(opened);
    await opened.store.destroy();
  };
}

async function requireReadable({ store, ringFile }: Opened): Promise<void> {
  const keystore = makeKeystore(await ringFile.load({ mayMake: false }), random);
  const rows = await store.selectFrom("totp").selectAll().execute();
  for (const { user_id: userId, secret } of rows) {
    const opened = keystore.open(sealedPlace("totpSecret", userId), secret);
    const text = opened.ok ? Buffer.from(opened.plaintext).toString() : opened.reason;
    if (text !== userId) throw new Error(`the value of ${userId} opens to ${text}`);
  }
  if (rows.length !== userIds.length) throw new Error(`${rows.length} values are left`);
}

async function countKnown(store: Store, hash: Opened["hash"]): Promise<number> {
  let known = 0;
  for (const userId of userIds) {
    const row = await store
      .selectFrom("logins")
      .select("login_id")
      .where("token_hash", "=", await hash.settle("logins", `token of ${userId}`))
      .executeTakeFirst();
    if (row !== undefined) known += 1;
  }
  return known;
}

async function requireAllKnown({ store, hash }: Opened): Promise<void> {
  const known = await countKnown(store, hash);
  if (known !== userIds.length) throw new Error(`${known} tokens are known`);
}

/** Of a hub in any state: its values open, its tokens are known. */
export const requireWhole = (directory: string): Promise<void> => withOpened(directory, requireAll);

async function requireAll(opened: Opened): Promise<void> {
  await requireReadable(opened);
  await requireAllKnown(opened);
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

const rotate: FaultOperation = {
  name: "rotate",
  prepare: prepareHub,
  start: (directory) => run(directory, ({ operations }) => operations.rotate()),
  check: (directory) => withOpened(directory, requireAll),
  checkDone: (directory) =>
    withOpened(directory, async ({ ringFile }) => {
      const { activeVersion } = await ringFile.load({ mayMake: false });
      require(activeVersion >= 2, "no key was added");
    }),
};

const reencrypt: FaultOperation = {
  name: "reencrypt",
  async prepare(directory) {
    await prepareHub(directory);
    return await withOpened(directory, ({ operations }) => operations.rotate(), { atMs: 2 });
  },
  start: (directory) =>
    run(directory, async ({ operations }) => {
      for await (const { unreadable } of operations.reencrypt()) {
        require(unreadable === 0, "a value did not open");
      }
    }),
  check: (directory) => withOpened(directory, requireAll),
  checkDone: (directory) =>
    withOpened(directory, async ({ store }) => {
      const versions = (await countKeyUses(store)).map(({ version }) => version);
      require(versions.join() === "2", `values are under ${versions.join()}`);
    }),
};

const remove: FaultOperation = {
  name: "remove",
  async prepare(directory) {
    await reencrypt.prepare(directory);
    return await withOpened(
      directory,
      async ({ operations }) => {
        for await (const _ of operations.reencrypt());
      },
      { atMs: 3 },
    );
  },
  start: (directory) =>
    run(directory, async ({ operations }) => {
      const removed = await operations.remove(1);
      require(removed.ok || removed.reason === "absent", "it was not removed");
    }),
  check: (directory) => withOpened(directory, requireAll),
  checkDone: (directory) =>
    withOpened(directory, async ({ ringFile }) => {
      const { keys } = await ringFile.load({ mayMake: false });
      require([...keys.keys()].join() === "2", "the key is still there");
    }),
};

const rotatePepper: FaultOperation = {
  name: "rotate-pepper",
  prepare: prepareHub,
  start: (directory) => run(directory, ({ operations }) => operations.rotatePepper(0)),
  async check(directory) {
    await withOpened(directory, async (opened) => {
      await requireReadable(opened);
      const known = await countKnown(opened.store, opened.hash);
      const { generation } = opened.pepperFile.read().active;
      // All or nothing, by what the file says; the rows of what ended are gone by the start before this.
      require(known === (generation === 1 ? userIds.length : 0), `${known} tokens are known`);
      const rows = await opened.store.selectFrom("logins").selectAll().execute();
      require(rows.length === known, `${rows.length} logins are left`);
      const events = await opened.store.selectFrom("revocation_events").selectAll().execute();
      require(events.length === userIds.length - known, `${events.length} ends were told`);
    });
  },
  checkDone: (directory) =>
    withOpened(directory, async ({ store, pepperFile, hash }) => {
      require(pepperFile.read().active.generation >= 2, "the key is the former one");
      require((await countKnown(store, hash)) === 0, "tokens are still known");
    }),
};

const graceMs = 24 * 60 * 60_000;
const rotatePepperWithGrace: FaultOperation = {
  name: "rotate-pepper --grace",
  prepare: prepareHub,
  start: (directory) => run(directory, ({ operations }) => operations.rotatePepper(graceMs)),
  check: (directory) => withOpened(directory, requireAll),
  checkDone: (directory) =>
    withOpened(directory, async (opened) => {
      await requireAll(opened);
      require(opened.pepperFile.read().active.generation === 2, "the key is the former one");
    }),
};

/** While tokens are seen: each moves from the former key to the active one. */
const moveHashes: FaultOperation = {
  name: "tokens that move",
  async prepare(directory) {
    await prepareHub(directory);
    return await withOpened(directory, ({ operations }) => operations.rotatePepper(graceMs));
  },
  start: (directory) => run(directory, ({ store, hash }) => countKnown(store, hash)),
  check: (directory) => withOpened(directory, requireAll),
  checkDone: (directory) =>
    withOpened(directory, async (opened) => {
      const { unmoved } = (await opened.operations.status()).pepper;
      require(unmoved?.logins === 0, "tokens were not moved");
    }),
};

/** In whichever state: what is wrapped opens with its key, and what is not without. */
async function withEither<T>(directory: string, check: (opened: Opened) => Promise<T>): Promise<T> {
  const { ringFile, store } = await open(directory);
  await store.destroy();
  const wrapping = ringFile.wrapped() === "none" ? plain : wrapped;
  return await withOpened(directory, check, { wrapping });
}

const wrap: FaultOperation = {
  name: "wrap",
  prepare: prepareHub,
  async start(directory) {
    const { ringFile } = await open(directory);
    if (ringFile.wrapped() !== "none") return () => Promise.resolve();
    return () => ringFile.rewrap(wrapped);
  },
  check: (directory) => withEither(directory, requireAll),
  checkDone: (directory) =>
    withEither(directory, async ({ ringFile }) => {
      require(ringFile.wrapped() === "key", "it is not wrapped");
      return Promise.resolve();
    }),
};

const unwrap: FaultOperation = {
  name: "unwrap",
  async prepare(directory) {
    await prepareHub(directory);
    const { ringFile, store } = await open(directory);
    await ringFile.rewrap(wrapped);
    await store.destroy();
  },
  async start(directory) {
    const { ringFile } = await open(directory, { wrapping: wrapped });
    if (ringFile.wrapped() === "none") return () => Promise.resolve();
    return () => ringFile.rewrap(plain);
  },
  check: (directory) => withEither(directory, requireAll),
  checkDone: (directory) =>
    withEither(directory, async ({ ringFile }) => {
      require(ringFile.wrapped() === "none", "it is still wrapped");
      return Promise.resolve();
    }),
};

/** Both key files at the first start of a hub. */
const firstStart: FaultOperation = {
  name: "first start",
  prepare: async (directory) => (await openStore(directory)).destroy(),
  async start(directory) {
    const store = await openStore(directory);
    const wallMs = () => settledMs;
    return async () => {
      await loadKeyedHash(makePepperFile(directory, random), store, wallMs);
      const ringFile = makeRingFile({ directory, wrapping: plain, random, wallMs });
      await ringFile.load({ mayMake: !(await holdsSealed(store)) });
      await store.destroy();
    };
  },
  async check(directory) {
    const ring = makeRingFile({ directory, wrapping: plain, random, wallMs: () => settledMs });
    if (existsSync(join(directory, "encryption.key"))) await ring.load({ mayMake: false });
    if (existsSync(join(directory, "token-hash.key"))) makePepperFile(directory, random).read();
  },
  async checkDone(directory) {
    await makeRingFile({
      directory,
      wrapping: plain,
      random,
      wallMs: () => settledMs,
    }).load({ mayMake: false });
    makePepperFile(directory, random).read();
  },
};

export const keyFaults: readonly FaultOperation[] = [
  firstStart,
  rotate,
  reencrypt,
  remove,
  rotatePepper,
  rotatePepperWithGrace,
  moveHashes,
  wrap,
  unwrap,
];

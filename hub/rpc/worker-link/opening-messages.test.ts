import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeWorkerLink, type WorkerLinkPump } from "../../relay/serve-worker-link.ts";
import { makeDeviceRevocations, type DeviceRevocations } from "../../store/device-revocations.ts";
import { makeRegistrationKeys } from "../../store/registration-keys.ts";
import type { Store } from "../../store/open-store.ts";
import type { WorkerRow } from "../../store/schema.ts";
import { makeWorkers, type Workers } from "../../store/workers.ts";
import { makeFakeRelay, noWorkerParts, type FakeRelay } from "../../test-support/fake-links.ts";
import { openTestStore } from "../../test-support/open-test-store.ts";
import { refusalWithCode } from "../../test-support/refusal-of.ts";
import { openingMessages } from "./opening-messages.ts";

// What happens between two looks at the database is put there by the test.

let store: Store;
let close: () => Promise<void>;
let fake: FakeRelay;
let workers: Workers;
let revocations: DeviceRevocations;
let row: WorkerRow;
let pump: WorkerLinkPump;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  fake = makeFakeRelay();
  workers = makeWorkers(store);
  revocations = makeDeviceRevocations(store, fake.relay.limits);
  await store
    .insertInto("workers")
    .values({
      worker_id: "w1",
      user_id: "ann",
      name: "box",
      composite_public_key: new Uint8Array(1664),
      encryption_mode: "classic",
      token_hash: "hash",
      created_at_ms: 0,
    })
    .execute();
  row = (await workers.find("w1")) as WorkerRow;
});
afterEach(() => close());

const revoke = (from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, index) =>
      revocations.put("ann", `d${from + index}`, new Uint8Array([from + index])),
    ),
  );

/** A new link of the worker. */
function begin(replaced: Partial<Workers> = {}) {
  const hello = {
    compositePublicKey: new Uint8Array(1664),
    mode: "classic" as const,
    maxMessageBytes: 1_000_000,
    protocolVersion: 1,
  };
  pump = makeWorkerLink(fake.relay, row, hello, noWorkerParts);
  const registrationKeys = makeRegistrationKeys(store, fake.relay.limits);
  const parts = { relay: fake.relay, workers: { ...workers, ...replaced }, registrationKeys };
  return pump.messages(openingMessages({ ...parts, revocations }, row, pump));
}

/** What the next message is, and how many revocations it has. */
async function next(messages: ReturnType<typeof begin>): Promise<string> {
  const { value } = await messages.next();
  const body = value?.body;
  return body?.case === "deviceRevocations"
    ? `${body.value.signedRevocations.length} revocations`
    : (body?.case ?? "end");
}

const isOnline = (): boolean => fake.relay.workers.has("w1");

test("a worker with many revocations to hear is not online before it took them", async () => {
  await revoke(0, 70);
  const messages = begin();
  expect([await next(messages), isOnline()]).toEqual(["welcome", false]);
  expect([await next(messages), isOnline()]).toEqual(["32 revocations", false]);
  await revoke(70, 75);
  expect([await next(messages), isOnline()]).toEqual(["32 revocations", false]);
  expect([await next(messages), isOnline()]).toEqual(["11 revocations", true]);
});

test("revocations go ahead of an opening that comes as soon as it is online", async () => {
  await revoke(0, 2);
  const messages = begin();
  expect([await next(messages), isOnline()]).toEqual(["welcome", true]);
  const client = fake.client("window");
  const opening = fake.open(client, { ...client, link: pump.link }, "c1", { answer: null });
  expect(await next(messages)).toBe("2 revocations");
  expect(await next(messages)).toBe("openChannel");
  pump.link.answers.get("c1")?.({ message2: new Uint8Array(48), refusal: "" });
  expect(await opening).toMatchObject({ ok: true });
});

test("what is revoked, marked or removed while it comes in is not missed", async () => {
  const between = (run: () => Promise<unknown>): Partial<Workers> => ({
    async find(workerId) {
      await run();
      return await workers.find(workerId);
    },
  });
  const late = begin(between(() => revoke(0, 1)));
  expect([await next(late), await next(late)]).toEqual(["welcome", "1 revocations"]);

  const marked = begin(between(() => workers.markDeregistering("ann", "w1")));
  expect([await next(marked), await next(marked)]).toEqual(["welcome", "1 revocations"]);
  expect(await next(marked)).toBe("deregister");
  expect(isOnline()).toBe(false);

  const removed = begin(between(() => workers.remove("w1")));
  expect(await next(removed)).toBe("welcome");
  expect(await refusalWithCode(next(removed))).toEqual([
    Code.Unauthenticated,
    "worker_token_refused",
  ]);
});

test("a hub that stops takes no worker in", async () => {
  const stopping = fake.relay.stop();
  expect(await refusalWithCode(next(begin()))).toEqual([Code.Unavailable, "going_away"]);
  expect(isOnline()).toBe(false);
  await stopping;
});

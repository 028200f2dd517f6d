import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { refusalWithCode } from "../../test-support/refusal-of.ts";
import { startServices } from "../../test-support/start-services.ts";

const invalid = [Code.InvalidArgument, "invalid_request"];
const notFound = [Code.NotFound, "not_found"];
const workerId = "worker-0001";

test("a worker has the name and the picture that its owner chose", async () => {
  const { workersOf, addWorker, fake, clock } = await startServices();
  await addWorker("ann", workerId);
  const ann = workersOf("ann");
  clock.advance(50);
  const window = fake.client("window", "ann");
  const { worker } = await ann.changeWorker({ workerId, name: "  attic 🦁 ", icon: "server" });
  expect(worker).toMatchObject({ name: "attic 🦁", icon: "server", online: true });
  expect((await ann.listWorkers({})).workers).toEqual([worker]);
  clock.advance(50);
  expect(window.changes).toMatchObject([{ workers: true }]);
  expect((await ann.changeWorker({ workerId, name: "x", icon: "" })).worker?.icon).toBe("");
});

test("names that mislead, pictures that do not exist and workers of others are refused", async () => {
  const { workersOf, addWorker } = await startServices();
  await addWorker("ann", workerId);
  const ann = workersOf("ann");
  for (const change of [
    { name: "" },
    { name: "x".repeat(129) },
    { name: "a\u001b[2J" },
    { name: "\u202eevil" },
    { icon: "../../etc/passwd" },
    { icon: "Server" },
    { workerId: "../x" },
  ]) {
    const call = ann.changeWorker({ workerId, name: "box", icon: "", ...change });
    expect(await refusalWithCode(call), JSON.stringify(change)).toEqual(invalid);
  }
  const asAdmin = workersOf("bob", "admin").changeWorker({ workerId, name: "mine", icon: "" });
  expect(await refusalWithCode(asAdmin)).toEqual(notFound);
  expect((await ann.listWorkers({})).workers).toMatchObject([{ name: workerId }]);
});

test("a worker that is online is told, loses its channels, says that it stopped, and is gone", async () => {
  const { workersOf, addWorker, dial, fake, clock } = await startServices();
  const { worker, token } = await addWorker("ann", workerId);
  const link = fake.relay.workers.get(workerId);
  const client = fake.client("window", "ann");
  if (link === undefined) throw new Error("the worker is not online");
  const opening = fake.open(client, { ...client, link, changes: [], ends: [] }, "c1", {
    answer: () => undefined,
  });
  expect(await opening).toMatchObject({ ok: true });

  await workersOf("ann").deregisterWorker({ workerId });
  expect(client.taken()).toEqual(["c1:worker_deregistered"]);
  await worker.inbox.find(({ body }) => body.case === "deregister");
  expect((await workersOf("ann").listWorkers({})).workers).toMatchObject([
    { online: false, deregistering: true },
  ]);
  // Nothing can be opened on its last way.
  expect(await fake.open(client, { ...client, link, changes: [], ends: [] }, "c2")).toMatchObject({
    ok: false,
    reason: "worker_offline",
  });

  worker.send({ case: "deregistered", value: {} });
  expect(await worker.ended).toBeNull();
  expect((await workersOf("ann").listWorkers({})).workers).toEqual([]);
  clock.advance(50);
  expect(client.changes.at(-1)).toMatchObject({ workers: true });
  const again = await dial(workerId, token);
  expect(await again.ended).toMatchObject({ code: Code.Unauthenticated });
});

test("a worker that is offline is told when it comes back, before anything else, and never gets online", async () => {
  const { workersOf, addWorker, dial, fake, store } = await startServices();
  const { worker, token } = await addWorker("ann", workerId);
  worker.hangUp();
  await worker.ended;
  const ann = workersOf("ann");
  await ann.deregisterWorker({ workerId });
  expect((await ann.listWorkers({})).workers).toMatchObject([{ deregistering: true }]);
  await store
    .insertInto("device_revocations")
    .values({ user_id: "ann", sequence: 1, device_id: "x", signed_revocation: new Uint8Array(9) })
    .execute();

  const back = await dial(workerId, token);
  expect((await back.inbox.next()).body.case).toBe("welcome");
  expect((await back.inbox.next()).body.case).toBe("deregister");
  expect(fake.relay.workers.size).toBe(0);
  back.send({ case: "deregistered", value: {} });
  expect(await back.ended).toBeNull();
  expect((await ann.listWorkers({})).workers).toEqual([]);
});

test("one that never comes back is removed by asking again; its token is refused for ever", async () => {
  const { workersOf, addWorker, dial } = await startServices();
  const { worker, token } = await addWorker("ann", workerId);
  worker.hangUp();
  await worker.ended;
  const ann = workersOf("ann");
  await ann.deregisterWorker({ workerId });
  await ann.deregisterWorker({ workerId });
  expect((await ann.listWorkers({})).workers).toEqual([]);
  expect(await refusalWithCode(ann.deregisterWorker({ workerId }))).toEqual(notFound);
  const back = await dial(workerId, token);
  expect(await back.ended).toMatchObject({ code: Code.Unauthenticated });
});

test("a worker that does not say that it stopped loses its link, and hears it again on the next", async () => {
  const { workersOf, addWorker, dial, clock } = await startServices({
    deregisterMs: 5_000,
    workerDeadMs: 60_000,
  });
  const { worker, token } = await addWorker("ann", workerId);
  await workersOf("ann").deregisterWorker({ workerId });
  await worker.inbox.find(({ body }) => body.case === "deregister");
  clock.advance(5_000);
  expect(await worker.ended).toBeNull();
  const back = await dial(workerId, token);
  await back.inbox.find(({ body }) => body.case === "deregister");
});

test("an admin may deregister anybody's worker, a user only their own", async () => {
  const { workersOf, addWorker, fake, clock } = await startServices();
  const { worker } = await addWorker("ann", workerId);
  const owner = fake.client("window", "ann");
  clock.advance(50);
  owner.changes.length = 0;
  expect(await refusalWithCode(workersOf("bob").deregisterWorker({ workerId }))).toEqual(notFound);
  expect((await workersOf("ann").listWorkers({})).workers).toMatchObject([{ online: true }]);
  await workersOf("bob", "admin").deregisterWorker({ workerId });
  await worker.inbox.find(({ body }) => body.case === "deregister");
  clock.advance(50);
  expect(owner.changes).toMatchObject([{ workers: true }]);
});

test("the word of a worker that nobody asked to stop breaks the protocol", async () => {
  const { workersOf, addWorker } = await startServices();
  const { worker } = await addWorker("ann", workerId);
  worker.send({ case: "deregistered", value: {} });
  expect(await worker.ended).toMatchObject({ code: Code.InvalidArgument });
  expect((await workersOf("ann").listWorkers({})).workers).toHaveLength(1);
});

test("a bundled worker goes with its hub only", async () => {
  const { workersOf, addWorker, store, fake } = await startServices();
  await addWorker("ann", workerId);
  await store.updateTable("workers").set({ bundled: 1 }).execute();
  expect(await refusalWithCode(workersOf("ann").deregisterWorker({ workerId }))).toEqual([
    Code.FailedPrecondition,
    "worker_bundled",
  ]);
  expect(fake.relay.workers.size).toBe(1);
});

import { Code } from "@connectrpc/connect";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { RegistrationState } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { expect, test } from "vitest";
import { compositeKey } from "../../test-support/fake-worker.ts";
import { refusalWithCode } from "../../test-support/refusal-of.ts";
import { startServices } from "../../test-support/start-services.ts";

const minute = 60_000;
const workerMac = new Uint8Array(64).fill(3);
const answer = {
  devicePublicKey: new Uint8Array(1984).fill(1),
  deviceMac: new Uint8Array(64).fill(2),
};
const notFound = [Code.NotFound, "not_found"];

test("the whole way: key, worker, its words, the answer to it", async () => {
  const { workersOf, register, dial, fake, clock } = await startServices();
  const window = fake.client("window", "ann");
  const ann = workersOf("ann");
  const { keyId, key, expiresAtMs } = await ann.createRegistrationKey({});
  expect([keyId, key]).toEqual([
    expect.stringMatching(/^reg_[\w-]{22}$/),
    expect.stringMatching(/^lmk_/),
  ]);
  expect(Number(expiresAtMs)).toBe(5 * minute);
  expect(await ann.getRegistration({ keyId })).toMatchObject({ state: RegistrationState.WAITING });
  expect(await refusalWithCode(ann.answerPairing({ keyId, ...answer }))).toEqual([
    Code.FailedPrecondition,
    "pairing_not_possible",
  ]);

  const token = await register(key, "worker-0001", workerMac);
  clock.advance(50);
  expect(window.changes).toMatchObject([{ workers: true, registrations: true }]);
  expect(await ann.getRegistration({ keyId })).toMatchObject({
    state: RegistrationState.REGISTERED,
    workerId: "worker-0001",
    compositePublicKey: compositeKey,
    encryptionMode: EncryptionMode.CLASSIC,
    workerMac,
  });

  // Answered before the worker dials: it hears it with its welcome …
  await ann.answerPairing({ keyId, ...answer });
  const expected = { userId: "ann", ...answer };
  const worker = await dial("worker-0001", token);
  const heard = await worker.inbox.find(({ body }) => body.case === "pairingAnswer");
  expect(heard.body.value).toMatchObject(expected);
  // … while it is online at once …
  await ann.answerPairing({ keyId, ...answer, deviceMac: workerMac });
  const again = await worker.inbox.find(({ body }) => body.case === "pairingAnswer");
  expect(again.body.value).toMatchObject({ ...expected, deviceMac: workerMac });
  // … and after the key has expired not any more.
  clock.advance(5 * minute);
  expect(await refusalWithCode(ann.answerPairing({ keyId, ...answer }))).toEqual([
    Code.FailedPrecondition,
    "registration_key_expired",
  ]);
});

test("a worker whose answer was lost registers again, until it was online", async () => {
  const { workersOf, register, dial, clock } = await startServices();
  clock.advance(1);
  const { key } = await workersOf("ann").createRegistrationKey({});
  const lost = await register(key, "worker-0001", workerMac);
  const token = await register(key, "worker-0001", workerMac);
  const refused = await dial("worker-0001", lost);
  const ended = await refused.ended;
  expect(await refusalWithCode(ended === null ? refused.ended : Promise.reject(ended))).toEqual([
    Code.Unauthenticated,
    "worker_token_refused",
  ]);
  const worker = await dial("worker-0001", token);
  await worker.inbox.find(({ body }) => body.case === "welcome");
  expect(await refusalWithCode(register(key, "worker-0001", workerMac))).toEqual([
    Code.FailedPrecondition,
    "registration_key_used",
  ]);
});

test("a key is extended when little is left of it, and never once it is over", async () => {
  const { workersOf, register, clock } = await startServices();
  const ann = workersOf("ann");
  const { keyId, key } = await ann.createRegistrationKey({});
  clock.advance(3 * minute - 1);
  expect(await refusalWithCode(ann.extendRegistrationKey({ keyId }))).toEqual([
    Code.FailedPrecondition,
    "registration_key_too_early",
  ]);
  clock.advance(1);
  expect(Number((await ann.extendRegistrationKey({ keyId })).expiresAtMs)).toBe(8 * minute);
  clock.advance(5 * minute);
  const expired = [Code.FailedPrecondition, "registration_key_expired"];
  expect(await refusalWithCode(ann.extendRegistrationKey({ keyId }))).toEqual(expired);
  expect(await refusalWithCode(register(key, "worker-0001"))).toEqual(expired);
  expect(await ann.getRegistration({ keyId })).toMatchObject({ state: RegistrationState.EXPIRED });
});

test("a key that was destroyed admits nobody", async () => {
  const { workersOf, register } = await startServices();
  const ann = workersOf("ann");
  const { keyId, key } = await ann.createRegistrationKey({});
  await ann.destroyRegistrationKey({ keyId });
  expect(await refusalWithCode(register(key, "worker-0001"))).toEqual([
    Code.FailedPrecondition,
    "registration_key_destroyed",
  ]);
  expect(await ann.getRegistration({ keyId })).toMatchObject({ state: RegistrationState.EXPIRED });
  expect(await ann.listWorkers({})).toMatchObject({ workers: [] });
});

test("somebody else's key does not exist, and a worker belongs to whose key it used", async () => {
  const { workersOf, register } = await startServices();
  const [ann, bob] = [workersOf("ann"), workersOf("bob", "admin")];
  const { keyId, key } = await ann.createRegistrationKey({});
  for (const call of [
    bob.getRegistration({ keyId }),
    bob.extendRegistrationKey({ keyId }),
    bob.destroyRegistrationKey({ keyId }),
    bob.answerPairing({ keyId, ...answer }),
  ]) {
    expect(await refusalWithCode(call)).toEqual(notFound);
  }
  await register(key, "worker-0001", workerMac);
  expect(await refusalWithCode(bob.getRegistration({ keyId }))).toEqual(notFound);
  expect(await refusalWithCode(bob.answerPairing({ keyId, ...answer }))).toEqual(notFound);
  expect((await bob.listWorkers({})).workers).toEqual([]);
  expect((await ann.listWorkers({})).workers).toMatchObject([{ workerId: "worker-0001" }]);
});

test("what is not valid is refused before anything is looked up or used up", async () => {
  const { workersOf, register } = await startServices();
  const ann = workersOf("ann");
  const { keyId, key } = await ann.createRegistrationKey({});
  const invalid = [Code.InvalidArgument, "invalid_request"];
  for (const call of [
    ann.getRegistration({ keyId: "reg_' or 1=1 --" }),
    ann.extendRegistrationKey({ keyId: "" }),
    ann.destroyRegistrationKey({ keyId: `${keyId}x` }),
    ann.answerPairing({ keyId, ...answer, devicePublicKey: new Uint8Array(1983) }),
    ann.answerPairing({ keyId, ...answer, deviceMac: new Uint8Array(0) }),
    register(key, "worker-0001", new Uint8Array(63)),
  ]) {
    expect(await refusalWithCode(call)).toEqual(invalid);
  }
  await register(key, "worker-0001");
  expect(await refusalWithCode(ann.answerPairing({ keyId, ...answer }))).toEqual([
    Code.FailedPrecondition,
    "pairing_not_possible",
  ]);
});

test("keys and workers are bounded for each account, each with its own message", async () => {
  const { workersOf, register } = await startServices({ maxRegistrationKeys: 2, maxWorkers: 1 });
  const ann = workersOf("ann");
  const first = await ann.createRegistrationKey({});
  const second = await ann.createRegistrationKey({});
  await expect(ann.createRegistrationKey({})).rejects.toThrow(/too many registration keys/);
  await workersOf("bob").createRegistrationKey({});
  await register(first.key, "worker-0001");
  await expect(register(second.key, "worker-0002")).rejects.toThrow(/deregister one first/);
});

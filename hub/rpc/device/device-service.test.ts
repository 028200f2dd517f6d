import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { refusalWithCode } from "../../test-support/refusal-of.ts";
import { startServices } from "../../test-support/start-services.ts";

const deviceId = (letter: string) => `dev_${letter.repeat(22)}`;
const devicePublicKey = (value: number) => new Uint8Array(1984).fill(value);
const grant = (issuer: string, subject: string, value: number, length = 9) => ({
  issuerDeviceId: deviceId(issuer),
  subjectDeviceId: deviceId(subject),
  signedGrant: new Uint8Array(length).fill(value),
});
const invalid = [Code.InvalidArgument, "invalid_request"];
const notFound = [Code.NotFound, "not_found"];

test("a device asks, another answers with a grant, the first signs one back", async () => {
  const { devicesOf, fake, clock } = await startServices();
  const window = fake.client("window", "ann");
  const stranger = fake.client("stranger", "bob");
  const ann = devicesOf("ann");
  const { request } = await ann.requestApproval(
    { devicePublicKey: devicePublicKey(1) },
    { headers: { "user-agent": "Firefox/1.0" } },
  );
  expect(request).toMatchObject({ userAgent: "Firefox/1.0", expiresAtMs: 600_000n });
  expect((await ann.listApprovalRequests({})).requests).toEqual([request]);
  clock.advance(50);
  expect(window.changes).toMatchObject([{ devices: true }]);

  const requestId = request?.requestId ?? "";
  await ann.answerApproval({ requestId, grant: grant("a", "b", 1) });
  await ann.putGrant({ grant: grant("b", "a", 2) });
  await ann.putGrant({ grant: grant("b", "a", 3) });
  expect((await ann.listApprovalRequests({})).requests).toEqual([]);
  expect((await ann.listGrants({})).grants).toMatchObject([grant("a", "b", 1), grant("b", "a", 3)]);
  clock.advance(50);
  expect(window.changes).toHaveLength(2);
  expect(stranger.changes).toEqual([]);
});

test("a request can be declined, and ends after ten minutes", async () => {
  const { devicesOf, clock } = await startServices();
  const ann = devicesOf("ann");
  const first = await ann.requestApproval({ devicePublicKey: devicePublicKey(1) });
  const second = await ann.requestApproval({ devicePublicKey: devicePublicKey(2) });
  await ann.answerApproval({ requestId: first.request?.requestId ?? "" });
  expect((await ann.listGrants({})).grants).toEqual([]);
  expect((await ann.listApprovalRequests({})).requests).toEqual([second.request]);
  clock.advance(10 * 60_000);
  expect((await ann.listApprovalRequests({})).requests).toEqual([]);
  const late = { requestId: second.request?.requestId ?? "", grant: grant("a", "b", 1) };
  expect(await refusalWithCode(ann.answerApproval(late))).toEqual(notFound);
  expect((await ann.listGrants({})).grants).toEqual([]);
});

test("an account sees and answers its own alone", async () => {
  const { devicesOf } = await startServices();
  const [ann, bob] = [devicesOf("ann"), devicesOf("bob")];
  const { request } = await ann.requestApproval({ devicePublicKey: devicePublicKey(1) });
  await ann.putGrant({ grant: grant("a", "b", 1) });
  await ann.putRevocation({ deviceId: deviceId("c"), signedRevocation: new Uint8Array(9) });
  expect((await bob.listApprovalRequests({})).requests).toEqual([]);
  expect((await bob.listGrants({})).grants).toEqual([]);
  expect((await bob.listRevocations({})).signedRevocations).toEqual([]);
  const answer = { requestId: request?.requestId ?? "", grant: grant("x", "y", 6) };
  expect(await refusalWithCode(bob.answerApproval(answer))).toEqual(notFound);
  expect((await ann.listApprovalRequests({})).requests).toHaveLength(1);
});

test("what is too large, too small or no id is refused", async () => {
  const { devicesOf } = await startServices();
  const ann = devicesOf("ann");
  const revocation = { deviceId: deviceId("a"), signedRevocation: new Uint8Array(9) };
  for (const call of [
    ann.requestApproval({ devicePublicKey: new Uint8Array(1985) }),
    ann.requestApproval({}),
    ann.answerApproval({ requestId: "apr_x" }),
    ann.putGrant({}),
    ann.putGrant({ grant: grant("a", "b", 1, 0) }),
    ann.putGrant({ grant: grant("a", "b", 1, 16 * 1024 + 1) }),
    ann.putGrant({ grant: { ...grant("a", "b", 1), issuerDeviceId: "dev_short" } }),
    ann.putGrant({ grant: { ...grant("a", "b", 1), subjectDeviceId: deviceId("'") } }),
    ann.putRevocation({ ...revocation, deviceId: "" }),
    ann.putRevocation({ ...revocation, signedRevocation: new Uint8Array(16 * 1024 + 1) }),
  ]) {
    expect(await refusalWithCode(call)).toEqual(invalid);
  }
  await ann.putGrant({ grant: grant("a", "b", 1, 16 * 1024) });
});

test("each bound has its own message", async () => {
  const { devicesOf } = await startServices({
    maxGrants: 1,
    maxDeviceRevocations: 1,
    maxApprovalRequests: 1,
  });
  const ann = devicesOf("ann");
  const { request } = await ann.requestApproval({ devicePublicKey: devicePublicKey(1) });
  await expect(ann.requestApproval({ devicePublicKey: devicePublicKey(2) })).rejects.toThrow(
    /wait for approval/,
  );
  await ann.putGrant({ grant: grant("a", "b", 1) });
  const answer = { requestId: request?.requestId ?? "", grant: grant("a", "c", 1) };
  await expect(ann.putGrant({ grant: answer.grant })).rejects.toThrow(/too many grants/);
  await expect(ann.answerApproval(answer)).rejects.toThrow(/too many grants/);
  const revocation = { deviceId: deviceId("a"), signedRevocation: new Uint8Array(9) };
  await ann.putRevocation(revocation);
  await ann.putRevocation(revocation);
  await expect(ann.putRevocation({ ...revocation, deviceId: deviceId("b") })).rejects.toThrow(
    /to each worker directly/,
  );
});

test("a worker hears every revocation of its account before it is online, and new ones at once", async () => {
  const { devicesOf, addWorker, dial, fake, clock } = await startServices();
  const ann = devicesOf("ann");
  // The largest that there may be, and more than one message of a link could hold.
  const signed = Array.from({ length: 70 }, (_, index) =>
    new Uint8Array(16 * 1024).fill(index + 1),
  );
  const { worker: former, token } = await addWorker("ann", "worker-0001");
  former.hangUp();
  await former.ended;
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  for (const [index, signedRevocation] of signed.entries()) {
    const id = `dev_${(letters[index % letters.length] ?? "").repeat(21)}${index < 62 ? "0" : "1"}`;
    await ann.putRevocation({ deviceId: id, signedRevocation });
  }
  await devicesOf("bob").putRevocation({
    deviceId: deviceId("b"),
    signedRevocation: new Uint8Array(5),
  });

  const worker = await dial("worker-0001", token);
  const { worker: other } = await addWorker("bob", "worker-0002");
  expect((await other.inbox.next()).body.value).toMatchObject({
    signedRevocations: [new Uint8Array(5)],
  });
  const heard: Uint8Array[] = [];
  expect((await worker.inbox.next()).body.case).toBe("welcome");
  while (heard.length < signed.length) {
    const { body } = await worker.inbox.next();
    if (body.case !== "deviceRevocations") throw new Error(`unexpected ${body.case}`);
    expect(body.value.signedRevocations.length).toBeLessThanOrEqual(32);
    heard.push(...body.value.signedRevocations);
  }
  expect(heard.map((each) => [each.length, each[0]])).toEqual(
    signed.map((each) => [each.length, each[0]]),
  );

  const last = new Uint8Array(7).fill(9);
  const window = fake.client("window", "ann");
  clock.advance(50);
  window.changes.length = 0;
  await ann.putRevocation({ deviceId: deviceId("z"), signedRevocation: last });
  const { body } = await worker.inbox.next();
  expect(body).toMatchObject({ case: "deviceRevocations", value: { signedRevocations: [last] } });
  clock.advance(50);
  expect(window.changes).toMatchObject([{ devices: true }]);
  expect(other.inbox.size).toBe(0);
});

test("how long a request waits is a limit of the hub", async () => {
  const { devicesOf, clock } = await startServices({ approvalRequestMs: 5_000 });
  const ann = devicesOf("ann");
  const { request } = await ann.requestApproval({ devicePublicKey: devicePublicKey(1) });
  expect(request).toMatchObject({ expiresAtMs: 5_000n });
  clock.advance(4_999);
  expect((await ann.listApprovalRequests({})).requests).toEqual([request]);
  clock.advance(1);
  expect((await ann.listApprovalRequests({})).requests).toEqual([]);
});

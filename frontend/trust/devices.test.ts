import { createRouterTransport } from "@connectrpc/connect";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { decodeGrant } from "@leapmux/shared/devices/grant.ts";
import { decodeRevocation } from "@leapmux/shared/devices/revocation.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import { makeMemoryPinStorage } from "@leapmux/shared/identity/pin-store.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeTestRandom } from "@leapmux/shared/noise/test-random.ts";
import { createRoot } from "solid-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeDeviceDesk } from "./device-desk.ts";
import {
  type DeviceAnswer,
  DeviceError,
  type DeviceOperations,
  type DeviceRequest,
} from "./device-operations.ts";
import { createDevices, type Devices } from "./devices.ts";

// Two browsers of one account, with their real keys; the hub between them is the test.
const day = 24 * 60 * 60_000;
const userId = "usr_1";
let seeds = 0;

interface StoredGrant {
  issuerDeviceId: string;
  subjectDeviceId: string;
  signedGrant: Uint8Array;
}

function makeHub() {
  const time = { nowMs: 1_000 * day };
  const listeners = new Set<(change: { devices: boolean }) => void>();
  const hub = {
    time,
    requests: [] as { requestId: string; devicePublicKey: Uint8Array; expiresAtMs: bigint }[],
    grants: [] as StoredGrant[],
    revocations: [] as Uint8Array[],
    put(grant: StoredGrant | undefined) {
      if (!grant) return;
      const { issuerDeviceId, subjectDeviceId } = grant;
      hub.grants = hub.grants.filter(
        (old) => old.issuerDeviceId !== issuerDeviceId || old.subjectDeviceId !== subjectDeviceId,
      );
      hub.grants.push(grant);
    },
    onChanged(tell: (change: { devices: boolean }) => void) {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    tell: () => listeners.forEach((tell) => tell({ devices: true })),
    transport: createRouterTransport(({ service }) =>
      service(DeviceService, {
        requestApproval({ devicePublicKey }) {
          const expiresAtMs = BigInt(time.nowMs + 600_000);
          const request = { requestId: `r${++seeds}`, devicePublicKey, expiresAtMs };
          hub.requests.push(request);
          return { request };
        },
        listApprovalRequests: () => ({ requests: hub.requests }),
        answerApproval({ requestId, grant }) {
          hub.requests = hub.requests.filter((request) => request.requestId !== requestId);
          hub.put(grant);
          return {};
        },
        listGrants: () => ({ grants: hub.grants }),
        putGrant({ grant }) {
          hub.put(grant);
          return {};
        },
        putRevocation({ signedRevocation }) {
          hub.revocations.push(signedRevocation);
          return {};
        },
        listRevocations: () => ({ signedRevocations: hub.revocations }),
      }),
    ),
  };
  return hub;
}

function openBrowser(hub: ReturnType<typeof makeHub>, start: { damaged?: boolean } = {}): Devices {
  let stored: unknown = start.damaged ? "damaged" : undefined;
  const desk = makeDeviceDesk({
    storage: {
      get: async () => stored,
      addIfAbsent: async (made) => (stored ??= made),
      delete: async () => void (stored = undefined),
    },
    devicePrimitives: makeNobleDevicePrimitives(),
    primitives: noblePrimitives,
    pins: makeMemoryPinStorage(),
    random: makeTestRandom(`browser ${++seeds}`),
    subtle: crypto.subtle,
    nowMs: () => hub.time.nowMs,
    pause: async () => {},
    callHub: async () => ({
      ok: false,
      code: "unavailable",
      message: "",
      reason: undefined,
      retryAfterMs: 0,
    }),
    distrust: () => {},
    fingerprint: () => Promise.reject(new Error("no worker here")),
  });
  const operations = new Proxy({} as DeviceOperations, {
    get: (_target, operation) => async (input: object) => {
      const answer: DeviceAnswer = await desk.run({ operation, input } as unknown as DeviceRequest);
      if (!answer.ok) throw new DeviceError(answer.trouble);
      return answer.value;
    },
  });
  return createRoot((dispose) => {
    onTestFinished(dispose);
    return createDevices({
      transport: hub.transport,
      operations,
      userId: () => userId,
      nowMs: () => hub.time.nowMs,
      onChanged: hub.onChanged,
    });
  });
}

async function openTwo() {
  const hub = makeHub();
  const desk = openBrowser(hub);
  const phone = openBrowser(hub);
  await Promise.all([desk.refresh(), phone.refresh()]);
  return { hub, desk, phone };
}

async function approvePhone() {
  const two = await openTwo();
  await two.phone.requestApproval();
  await two.desk.refresh();
  await two.desk.approve(two.desk.requests()[0]!);
  await two.phone.refresh();
  return two;
}

describe("a second device", () => {
  it("asks, shows the same words on both, and is approved", async () => {
    const { hub, desk, phone } = await openTwo();
    await phone.requestApproval();
    expect(phone.own()).toMatchObject({ kind: "waiting" });
    await desk.refresh();
    expect(desk.requests().map(({ words }) => words)).toEqual([phone.identity()!.words]);
    // A device does not ask itself.
    await phone.refresh();
    expect(phone.requests()).toEqual([]);

    await desk.approve(desk.requests()[0]!);
    expect(desk.requests()).toEqual([]);
    expect(desk.view()!.others).toMatchObject([
      { standing: "trusted", untilMs: hub.time.nowMs + 90 * day },
    ]);
    await phone.refresh();
    expect(phone.own()).toEqual({ kind: "approved" });
  });

  it("signs back only once a person has compared the words", async () => {
    const { hub, desk, phone } = await approvePhone();
    expect(phone.unconfirmed().map(({ deviceId }) => deviceId)).toEqual([
      desk.identity()!.deviceId,
    ]);
    expect(hub.grants).toHaveLength(1);
    await phone.confirm(phone.unconfirmed()[0]!);
    expect(phone.unconfirmed()).toEqual([]);
    expect(phone.view()!.others).toMatchObject([{ standing: "trusted" }]);
    expect(hub.grants).toHaveLength(2);
  });

  it("asks about a device that vouches for it no more than wanted", async () => {
    const { phone } = await approvePhone();
    phone.dismiss(phone.unconfirmed()[0]!);
    await phone.refresh();
    expect(phone.unconfirmed()).toEqual([]);
    expect(phone.view()!.others).toMatchObject([{ standing: "vouching" }]);
  });

  it("is declined", async () => {
    const { hub, desk, phone } = await openTwo();
    await phone.requestApproval();
    await desk.refresh();
    await desk.decline(desk.requests()[0]!);
    await phone.refresh();
    expect(phone.own()).toEqual({ kind: "declined" });
    expect(hub.grants).toEqual([]);
  });

  it("is not offered for approval once its ten minutes are over", async () => {
    const { hub, desk, phone } = await openTwo();
    await phone.requestApproval();
    hub.time.nowMs += 600_000;
    await desk.refresh();
    await phone.refresh();
    expect(desk.requests()).toEqual([]);
    expect(phone.own()).toEqual({ kind: "expired" });
  });

  it("is signed for with the key whose words were compared, whatever the hub makes of the request", async () => {
    const { hub, desk, phone } = await openTwo();
    await phone.requestApproval();
    await desk.refresh();
    const compared = desk.requests()[0]!;
    hub.requests[0]!.devicePublicKey = new Uint8Array(1984).fill(7);
    await desk.approve(compared);
    expect(decodeGrant(hub.grants[0]!.signedGrant)!.subject).toEqual(phone.identity()!.publicKey);
  });

  it("hears of it by itself when the hub says that devices changed", async () => {
    const { hub, desk, phone } = await openTwo();
    await phone.requestApproval();
    hub.tell();
    await expect.poll(() => desk.requests().length).toBe(1);
  });

  it("is told when the hub refuses the request", async () => {
    const { hub, phone } = await openTwo();
    hub.transport.unary = () => Promise.reject(new Error("refused"));
    await phone.requestApproval();
    expect(phone.own()).toMatchObject({ kind: "failed" });
  });
});

describe("over time", () => {
  it("trust is renewed silently when less than 30 days are left", async () => {
    const { hub, desk } = await approvePhone();
    hub.time.nowMs += 59 * day;
    await desk.refresh();
    expect(decodeGrant(hub.grants[0]!.signedGrant)!.notAfterMs).toBe((1_000 + 90) * day);
    hub.time.nowMs += 2 * day;
    await desk.refresh();
    expect(hub.grants).toHaveLength(1);
    expect(decodeGrant(hub.grants[0]!.signedGrant)!.notAfterMs).toBe(hub.time.nowMs + 90 * day);
  });

  it("a revoked device is never renewed, and the revocation is there for workers at once", async () => {
    const { hub, desk, phone } = await approvePhone();
    const before = hub.grants[0]!.signedGrant;
    await desk.revoke(phone.identity()!);
    expect(decodeRevocation(desk.revocations()[0]!)!.device).toEqual(phone.identity()!.publicKey);
    expect(desk.view()!.others).toMatchObject([{ standing: "revoked" }]);
    hub.time.nowMs += 61 * day;
    await desk.refresh();
    expect(hub.grants[0]!.signedGrant).toBe(before);
    await phone.refresh();
    expect(phone.view()!.ownRevokedAtMs).toBe(1_000 * day);
    // Its word counts nowhere any more, so it is not asked for one.
    expect(phone.unconfirmed()).toEqual([]);
    // It may come back as a device that nobody knows.
    const revokedId = phone.identity()!.deviceId;
    await phone.replaceKey();
    expect(phone.identity()!.deviceId).not.toBe(revokedId);
    expect(phone.view()!.ownRevokedAtMs).toBeUndefined();
  });
});

it("says why there is no key, and makes a new one only when told to", async () => {
  const devices = openBrowser(makeHub(), { damaged: true });
  await devices.refresh();
  expect(devices.trouble()).toBe("key_damaged");
  expect(devices.identity()).toBeUndefined();
  await devices.replaceKey();
  expect(devices.trouble()).toBeUndefined();
  expect(devices.identity()!.words).toHaveLength(4);
});

import { createClient, type Transport } from "@connectrpc/connect";
import { type ApprovalRequest, DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { createSignal, onCleanup } from "solid-js";
import {
  DeviceError,
  type DeviceIdentity,
  type DeviceName,
  type DeviceOperations,
  type DeviceTrouble,
  type SignedStatement,
} from "./device-operations.ts";
import { type DeviceView, findDevices, findRenewals, type KnownDevice } from "./find-devices.ts";
import { followOwnApproval, type OwnApproval } from "@leapmux/shared/client/own-approval.ts";

/**
 * The account's devices as this page shows them, kept current by the hub's notices. What it says of them
 * is signed on the crypto thread and checked there; the hub only carries it. Loaded lazily, and only
 * where the hub has logins.
 */
export interface Devices {
  /** This device; undefined until its key is there. */
  identity(): DeviceIdentity | undefined;
  /** Why there is no device key. */
  trouble(): DeviceTrouble | undefined;
  /** Undefined until the hub answered once. */
  view(): DeviceView | undefined;
  /** Other devices that ask to be trusted, oldest first. */
  requests(): readonly WaitingDevice[];
  /** Devices that approved this one; whether they are the user's own, a person has to compare. */
  unconfirmed(): readonly KnownDevice[];
  own(): OwnApproval;
  /** Every signed revocation that the hub knows, to be handed to workers. */
  revocations(): readonly Uint8Array[];
  refresh(): Promise<void>;
  words(device: DeviceName): Promise<readonly string[]>;
  requestApproval(): Promise<void>;
  /** Whoever calls this has compared the words of exactly this key. */
  approve(device: WaitingDevice): Promise<void>;
  decline(device: WaitingDevice): Promise<void>;
  /** The grant back, likewise after a comparison. */
  confirm(device: DeviceName): Promise<void>;
  /** Not now: asked no more until the page is loaded anew. */
  dismiss(device: DeviceName): void;
  revoke(device: DeviceName): Promise<void>;
  /** A new key instead of one that is damaged or revoked: a new device, which nobody trusts yet. */
  replaceKey(): Promise<void>;
}

export interface WaitingDevice extends DeviceIdentity {
  readonly requestId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** What the hub says of the login that asks: a hint, no proof. */
  readonly userAgent: string;
  readonly address: string;
}

/** The words of each cost a tenth of a second; nobody has more devices waiting. */
const mostRequests = 8;
const mostRenewals = 8;

export function createDevices(parts: {
  readonly transport: Transport;
  readonly operations: DeviceOperations;
  readonly userId: () => string;
  readonly nowMs: () => number;
  readonly onChanged: (changed: (change: { readonly devices: boolean }) => void) => () => void;
}): Devices {
  const { operations, nowMs } = parts;
  const hub = createClient(DeviceService, parts.transport);
  const [identity, setIdentity] = createSignal<DeviceIdentity>();
  const [trouble, setTrouble] = createSignal<DeviceTrouble>();
  const [view, setView] = createSignal<DeviceView>();
  const [requests, setRequests] = createSignal<readonly WaitingDevice[]>([]);
  const [own, setOwn] = createSignal<OwnApproval>({ kind: "none" });
  const [revocations, setRevocations] = createSignal<readonly Uint8Array[]>([]);
  const [dismissed, setDismissed] = createSignal<ReadonlySet<string>>(new Set());
  const known = new Map<string, DeviceIdentity>();
  let vouching: readonly string[] = [];
  let vouchedBefore: readonly string[] = [];
  let refreshing: Promise<void> | undefined;
  let isStale = false;

  async function identify(): Promise<DeviceIdentity | undefined> {
    const before = identity();
    if (before) return before;
    try {
      const found = await operations.identify({});
      setTrouble(undefined);
      setIdentity(found);
      return found;
    } catch (error) {
      setTrouble(error instanceof DeviceError ? error.trouble : "failed");
      return undefined;
    }
  }

  async function describe(publicKey: Uint8Array): Promise<DeviceIdentity> {
    const name = String.fromCharCode(...publicKey);
    const found = known.get(name) ?? (await operations.describe({ publicKey }));
    if (known.size >= 64) known.clear();
    known.set(name, found);
    return found;
  }

  /** One at a time, and one more for everything that came meanwhile. */
  function refresh(): Promise<void> {
    isStale = true;
    refreshing ??= (async () => {
      try {
        while (isStale) {
          isStale = false;
          await refreshOnce();
        }
      } finally {
        refreshing = undefined;
      }
    })();
    return refreshing;
  }

  /** Requests first: one that was approved in between is then followed by its grant. */
  async function refreshOnce(): Promise<void> {
    const me = await identify();
    if (!me) return;
    const listed = await hub.listApprovalRequests({});
    const [granted, revoked] = await Promise.all([hub.listGrants({}), hub.listRevocations({})]);
    const facts = await operations.readStatements({
      userId: parts.userId(),
      grants: granted.grants.map(({ signedGrant }) => signedGrant),
      revocations: revoked.signedRevocations,
    });
    const isOwn = (request: ApprovalRequest) => isSame(request.devicePublicKey, me.publicKey);
    const others = listed.requests.filter((request) => !isOwn(request)).slice(0, mostRequests);
    const waiting = await Promise.all(others.map(describeRequest));

    const seen = findDevices(me, facts, nowMs());
    const request = listed.requests.find(isOwn);
    vouching = facts.grants
      .filter(({ subject, notAfterMs }) => subject.deviceId === me.deviceId && nowMs() < notAfterMs)
      // The same device may approve once more.
      .map(({ issuer, notAfterMs }) => `${issuer.deviceId} ${notAfterMs}`);
    setView(seen);
    setRevocations(revoked.signedRevocations);
    setRequests(waiting.flatMap((each) => each ?? []).filter((each) => nowMs() < each.expiresAtMs));
    setOwn((state) =>
      followOwnApproval(state, {
        nowMs: nowMs(),
        request: request && {
          requestId: request.requestId,
          expiresAtMs: Number(request.expiresAtMs),
        },
        vouching,
        vouchedBefore,
      }),
    );
    await renew(seen);
  }

  async function describeRequest(request: ApprovalRequest): Promise<WaitingDevice | undefined> {
    const described = await describe(request.devicePublicKey).catch(() => undefined);
    return (
      described && {
        ...described,
        requestId: request.requestId,
        createdAtMs: Number(request.createdAtMs),
        expiresAtMs: Number(request.expiresAtMs),
        userAgent: request.userAgent.slice(0, 256),
        address: request.address.slice(0, 64),
      }
    );
  }

  /** Silent (protocol §7): whoever is trusted and used stays so. */
  async function renew(seen: DeviceView): Promise<void> {
    for (const device of findRenewals(seen, nowMs()).slice(0, mostRenewals)) {
      await hub.putGrant({ grant: asGrant(await sign(device)) });
    }
  }

  function sign({ publicKey }: DeviceName): Promise<SignedStatement> {
    return operations.approve({ userId: parts.userId(), publicKey });
  }

  onCleanup(
    parts.onChanged((change) => {
      if (change.devices) void refresh().catch(() => {});
    }),
  );

  return {
    identity,
    trouble,
    view,
    requests,
    own,
    revocations,
    refresh,
    unconfirmed() {
      const seen = view();
      // What a revoked device signs counts nowhere.
      if (!seen || seen.ownRevokedAtMs !== undefined) return [];
      return seen.others.filter(
        ({ standing, deviceId }) => standing === "vouching" && !dismissed().has(deviceId),
      );
    },
    words: async ({ publicKey }) => (await describe(publicKey)).words,

    async requestApproval() {
      const me = await identify();
      if (!me) return;
      setOwn({ kind: "asking" });
      try {
        if (!view()) await refresh();
        vouchedBefore = vouching;
        const { request } = await hub.requestApproval({ devicePublicKey: me.publicKey });
        if (!request) throw new Error("the hub answered without a request");
        const { requestId, expiresAtMs } = request;
        setOwn({ kind: "waiting", requestId, expiresAtMs: Number(expiresAtMs) });
      } catch (error) {
        setOwn({ kind: "failed", error });
      }
    },

    async approve(device) {
      const grant = asGrant(await sign(device));
      await hub.answerApproval({ requestId: device.requestId, grant });
      setRequests((all) => all.filter(({ requestId }) => requestId !== device.requestId));
      await refresh();
    },

    async decline({ requestId }) {
      await hub.answerApproval({ requestId });
      setRequests((all) => all.filter((other) => other.requestId !== requestId));
    },

    async confirm(device) {
      await hub.putGrant({ grant: asGrant(await sign(device)) });
      await refresh();
    },

    dismiss({ deviceId }) {
      setDismissed((before) => new Set([...before, deviceId]));
    },

    async revoke({ publicKey }) {
      const revocation = await operations.revoke({ userId: parts.userId(), publicKey });
      const { subjectDeviceId: deviceId, bytes: signedRevocation } = revocation;
      // Workers may hear of it from this page before they hear of it from the hub.
      setRevocations((all) => [...all, signedRevocation]);
      await hub.putRevocation({ deviceId, signedRevocation });
      await refresh();
    },

    async replaceKey() {
      await operations.forgetKey({ revocations: revocations() });
      setIdentity(undefined);
      setOwn({ kind: "none" });
      await refresh();
    },
  };
}

function asGrant({ issuerDeviceId, subjectDeviceId, bytes }: SignedStatement) {
  return { issuerDeviceId, subjectDeviceId, signedGrant: bytes };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

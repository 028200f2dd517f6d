import { isChainGood } from "@leapmux/shared/devices/grant-chain.ts";
import { decodeGrant, encodeGrant, type Grant } from "@leapmux/shared/devices/grant.ts";
import {
  decodeRevocation,
  type Revocation,
  verifyRevocationSignature,
} from "@leapmux/shared/devices/revocation.ts";
import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import type { DeviceKeyPrimitives } from "@leapmux/shared/identity/device-key.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Logger } from "pino";
import type { Caller } from "../dispatch/caller.ts";
import type { KnownDeviceRow, RevocationRow, RootRow } from "../store/tables.ts";
import { checkRevocation, type RevocationVerdict } from "./check-revocation.ts";
import { makeHeldRevocations } from "./held-revocations.ts";
import { trustBounds, type TrustStore } from "./trust-store.ts";
import { type CallerVerdict, type TrustState, verifyCaller } from "./verify-caller.ts";

/** Whom this worker trusts: what the store says, held in memory so that a claim is judged at once. */
export interface DeviceTrust {
  verifyClaim(claim: ClientClaim, binding: Uint8Array): CallerVerdict;
  /** For open channels: revoked, expired and forgotten since? Callers by the hub's word are. */
  isStillTrusted(caller: Caller): boolean;
  /** `revoked`: it was, and only the console brings it back; it waits there. */
  addRoot(publicKey: Uint8Array, userId: string): Promise<"added" | "revoked">;
  /**
   * SignedRevocations from the hub, or from a caller whose grants help to tell who signed them. `full`: too many
   * wait to be looked at, and not all of these were taken.
   */
  acceptRevocations(
    signed: readonly Uint8Array[],
    shown?: readonly Grant[],
  ): Promise<"taken" | "full">;
  /** After another process wrote. */
  reload(): Promise<void>;
  forgetDevices(): Promise<void>;
  /** Calls back after anything that may end an open channel. */
  onChanged(changed: () => void): void;
  /** Resolves when what was heard until now counts and is stored. */
  settle(): Promise<void>;
}

export interface DeviceTrustOptions {
  readonly store: TrustStore;
  readonly primitives: DeviceKeyPrimitives;
  readonly blake2b512: Primitives["blake2b512"];
  readonly wallClockMs: () => number;
  readonly logger: Logger;
  /** Asks the hub for every revocation once more, where there is a link. */
  readonly askForRevocations: () => void;
}

export async function openDeviceTrust(options: DeviceTrustOptions): Promise<DeviceTrust> {
  const { store, primitives, wallClockMs, logger } = options;
  const listeners: (() => void)[] = [];
  const held = makeHeldRevocations();
  /** By device: what those who may do everything showed last, of few. */
  const shownBy = new Map<string, readonly Grant[]>();
  let roots: readonly RootRow[] = [];
  let revocations = new Map<string, RevocationRow>();
  /** How many statements about a device are in force. */
  let revoked = new Map<string, number>();
  let known = new Map<string, KnownDeviceRow>();
  /** Writes on the side and revocations, one after the other. */
  let work: Promise<void> = Promise.resolve();
  /** Apart, so that no caller keeps the hub's out. */
  const waiting = { hub: 0, callers: 0 };

  async function load(): Promise<void> {
    roots = await store.listRoots();
    const rows = await store.listRevocations();
    revocations = new Map(rows.map((row) => [row.statement_id, row]));
    revoked = new Map();
    for (const row of rows) if (row.overruled_at_ms === null) countRevoked(row.device_id);
    known = new Map((await store.listKnownDevices()).map((row) => [row.device_id, row]));
  }

  function countRevoked(deviceId: string): void {
    revoked.set(deviceId, (revoked.get(deviceId) ?? 0) + 1);
  }

  function tell(): void {
    for (const changed of listeners) changed();
  }

  function state(): TrustState {
    return {
      primitives,
      roots: roots.map((row) => ({ publicKey: row.public_key, userId: row.user_id })),
      isRevoked: (deviceId) => revoked.has(deviceId),
      nowMs: wallClockMs(),
    };
  }

  function enqueue<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = work.then(run);
    work = result.then(
      () => undefined,
      (error: unknown) => {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        logger.error({ code }, "what is known of devices could not be stored");
      },
    );
    return result;
  }

  /** For what nobody waits for: a failure is in the log. */
  function note(run: () => Promise<void>): void {
    enqueue(run).catch(() => undefined);
  }

  /** Bounded like the table behind it: whoever was seen last stays. */
  function remember(row: KnownDeviceRow): void {
    known.delete(row.device_id);
    known.set(row.device_id, row);
    for (const deviceId of known.keys()) {
      if (known.size <= trustBounds.knownDevices) return;
      known.delete(deviceId);
    }
  }

  async function noteAccepted({ userId, ownerId, device, scope }: Caller): Promise<void> {
    if (!device) return;
    const row: KnownDeviceRow = {
      device_id: device.deviceId,
      public_key: device.publicKey,
      user_id: userId,
      owner_id: ownerId,
      chain: JSON.stringify(
        device.chain.map((grant) => Buffer.from(encodeGrant(grant)).toString("base64")),
      ),
      last_seen_at_ms: wallClockMs(),
    };
    remember(row);
    if (scope.kind === "full") rememberShown(device.deviceId, device.shown);
    await store.saveKnownDevice(row);
    await tryHeldAgain(device.shown);
  }

  function rememberShown(deviceId: string, shown: readonly Grant[]): void {
    shownBy.delete(deviceId);
    shownBy.set(deviceId, shown);
    for (const oldest of shownBy.keys()) {
      if (shownBy.size <= trustBounds.rememberedCallers) return;
      shownBy.delete(oldest);
    }
  }

  /** More is known now of who may have signed them, and of what had no place here. */
  async function tryHeldAgain(shown: readonly Grant[]): Promise<void> {
    await acceptAll(held.list(), shown);
    if (held.takeCrowdedOut()) options.askForRevocations();
  }

  async function acceptAll(signed: readonly Uint8Array[], shown: readonly Grant[]): Promise<void> {
    for (const bytes of signed) {
      // The rest of a long list keeps nobody's channel open.
      if (await acceptOne(bytes, shown)) tell();
      // Nor shall it keep whoever types waiting.
      await new Promise(setImmediate);
    }
  }

  /** Whether a device that was not revoked is now. */
  async function acceptOne(signed: Uint8Array, shown: readonly Grant[]): Promise<boolean> {
    const revocation = decodeRevocation(signed);
    if (!revocation) {
      logger.warn("a revocation is malformed");
      return false;
    }
    const deviceId = deviceIdOf(revocation.device);
    const issuerId = deviceIdOf(revocation.issuer);
    const statementId = identify(revocation);
    const reject = (verdict: RevocationVerdict): false => {
      logger.warn({ deviceId, issuerId, verdict }, "a revocation was not taken");
      return false;
    };
    if (revocations.has(statementId)) return false;
    // Also of a device that is revoked: the console overrules every statement that it has, and no other.
    const inForce = revoked.get(deviceId) ?? 0;
    if (inForce >= trustBounds.revocationsPerDevice) return false;
    const verdict = judge(revocation, shown);
    if (verdict !== "accepted") {
      if (verdict === "issuer_unknown") {
        if (held.has(statementId, signed)) return false;
        // Noise takes nobody's place.
        if (!verifyRevocationSignature(primitives, revocation)) return reject("forged");
        held.hold(statementId, issuerId, signed);
      }
      return reject(verdict);
    }
    held.drop(statementId);
    const row = {
      statement_id: statementId,
      device_id: deviceId,
      public_key: revocation.device,
      issuer_device_id: issuerId,
      signed_revocation: signed.slice(),
      received_at_ms: wallClockMs(),
      overruled_at_ms: null,
    };
    const result = await store.addRevocation(row, revocation.revokedAtMs);
    if (result !== "kept") {
      if (result === "full") logger.error({ deviceId }, "too many revocations: no more are kept");
      else logger.warn({ deviceId, issuerId }, "the console has overruled a revocation");
      return false;
    }
    // The next statement of the same list is judged without this device.
    revocations.set(statementId, row);
    countRevoked(deviceId);
    if (inForce > 0) return false;
    logger.info({ deviceId, issuerId }, "a device was revoked");
    return true;
  }

  /** By the grants that led to the issuer, those shown with the statement, and those that callers showed. */
  function judge(revocation: Revocation, shown: readonly Grant[]): RevocationVerdict {
    const deviceId = deviceIdOf(revocation.device);
    const ownerOfDevice =
      roots.find((row) => row.device_id === deviceId)?.user_id ??
      known.get(deviceId)?.owner_id ??
      null;
    const chain = readChain(known.get(deviceIdOf(revocation.issuer)));
    const leadsToIssuer = (grants: readonly Grant[]): boolean =>
      grants.some(({ subject }) => Buffer.compare(subject, revocation.issuer) === 0);
    const others = [...shownBy.values()].filter(leadsToIssuer);
    for (const grants of [[...chain, ...shown], ...others]) {
      const verdict = checkRevocation(revocation, state(), { grants, ownerOfDevice });
      if (verdict !== "issuer_unknown") return verdict;
    }
    return "issuer_unknown";
  }

  function identify({ body }: Revocation): string {
    return Buffer.from(options.blake2b512(body)).toString("base64url", 0, 32);
  }

  await load();
  return {
    verifyClaim(claim, binding) {
      const verdict = verifyCaller(claim, binding, state());
      if (verdict.ok) {
        note(() => noteAccepted(verdict.caller));
      } else if (verdict.isProven && claim.devicePublicKey) {
        const row = {
          device_id: verdict.deviceId,
          public_key: claim.devicePublicKey.slice(),
          user_id: claim.userId,
          seen_at_ms: wallClockMs(),
        };
        note(() => store.savePendingDevice(row));
      }
      return verdict;
    },

    isStillTrusted({ ownerId, device }) {
      if (!device) return true;
      const chain = { grants: device.chain, ownerId, devicePublicKey: device.publicKey };
      return isChainGood(chain, state());
    },

    addRoot: (publicKey, userId) =>
      enqueue(async () => {
        const device = {
          device_id: deviceIdOf(publicKey),
          public_key: publicKey.slice(),
          user_id: userId,
        };
        const nowMs = wallClockMs();
        if (revoked.has(device.device_id)) {
          await store.savePendingDevice({ ...device, seen_at_ms: nowMs });
          return "revoked";
        }
        await store.addRoot({ ...device, source: "pairing", added_at_ms: nowMs });
        await load();
        tell();
        await tryHeldAgain([]);
        return "added";
      }),

    async acceptRevocations(signed, shown) {
      const whose = shown === undefined ? "hub" : "callers";
      const taken = signed.slice(0, Math.max(0, trustBounds.waitingRevocations - waiting[whose]));
      const isFull = taken.length < signed.length;
      // A caller hears it and brings them again.
      if (isFull && whose === "hub") held.noteLost();
      waiting[whose] += taken.length;
      await enqueue(() =>
        acceptAll(taken, shown ?? []).finally(() => (waiting[whose] -= taken.length)),
      );
      return isFull ? "full" : "taken";
    },

    reload: () =>
      enqueue(async () => {
        await load();
        tell();
        await tryHeldAgain([]);
      }),

    forgetDevices: () =>
      enqueue(async () => {
        await store.forgetDevices();
        await load();
        tell();
      }),

    onChanged: (changed) => void listeners.push(changed),
    settle: () => work,
  };
}

/** The grants that led to a device at its last claim. */
function readChain(row: KnownDeviceRow | undefined): Grant[] {
  if (!row) return [];
  const signedGrants: unknown = JSON.parse(row.chain);
  if (!Array.isArray(signedGrants)) return [];
  return signedGrants.flatMap((text) => {
    const grant =
      typeof text === "string" ? decodeGrant(new Uint8Array(Buffer.from(text, "base64"))) : null;
    return grant ?? [];
  });
}

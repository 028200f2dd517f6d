import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";

/**
 * What the page may ask of the device key (protocol §7). The key and the pairing secrets live on a
 * thread of their own; across come public keys, words and what was signed. Each operation takes one object,
 * answers once.
 */
export interface DeviceOperations {
  /** This device. Makes its key at the first need, one per browser profile and hub. */
  identify(input: object): Promise<DeviceIdentity>;
  /** The words of any device. */
  describe(input: { readonly publicKey: Uint8Array }): Promise<DeviceIdentity>;
  /** Throws away a key that cannot be read, or that one of these revocations names; no other. */
  forgetKey(input: { readonly revocations: readonly Uint8Array[] }): Promise<object>;

  /** A pairing secret. It is part of the command that a person copies, and of nothing else. */
  startPairing(input: object): Promise<{ readonly pairingId: string; readonly secret: string }>;
  /** The proof of a worker that came with the secret; where it holds, the worker is pinned as verified. */
  checkPairing(input: PairingProof): Promise<PairingCheck>;
  endPairing(input: { readonly pairingId: string }): Promise<object>;

  /** Signs that another device is the same user's, for 90 days. */
  approve(input: {
    readonly userId: string;
    readonly publicKey: Uint8Array;
  }): Promise<SignedStatement>;
  /** Signs that a device is trusted no longer, for ever. */
  revoke(input: {
    readonly userId: string;
    readonly publicKey: Uint8Array;
  }): Promise<SignedStatement>;
  /** Which of the statements that the hub keeps hold, and what they say. */
  readStatements(input: Statements): Promise<TrustFacts>;
}

export interface DeviceIdentity {
  readonly deviceId: string;
  /** 1984 bytes. */
  readonly publicKey: Uint8Array;
  readonly words: readonly string[];
}

export interface PairingProof {
  readonly pairingId: string;
  readonly userId: string;
  readonly workerId: string;
  readonly compositeKey: Uint8Array;
  readonly mode: EncryptionMode;
  /** Empty where the worker sent none. */
  readonly workerMac: Uint8Array;
}

export type PairingCheck =
  | {
      readonly ok: true;
      readonly fingerprint: Fingerprint;
      readonly devicePublicKey: Uint8Array;
      readonly deviceMac: Uint8Array;
    }
  /** `unproven`: no proof came. `wrong_proof`: of other bytes than these. `known`: this id has another key here. */
  | { readonly ok: false; readonly reason: "unproven" | "wrong_proof" | "known" };

/** A grant or a revocation as it goes to the hub. */
export interface SignedStatement {
  readonly issuerDeviceId: string;
  readonly subjectDeviceId: string;
  readonly bytes: Uint8Array;
}

export interface Statements {
  readonly userId: string;
  readonly grants: readonly Uint8Array[];
  readonly revocations: readonly Uint8Array[];
}

/** What is left of the hub's statements once every signature was checked. */
export interface TrustFacts {
  readonly grants: readonly GrantFact[];
  readonly revocations: readonly RevocationFact[];
}

export interface GrantFact {
  readonly issuer: DeviceName;
  readonly subject: DeviceName;
  /** Everything that the issuer may; else named workspaces only. */
  readonly isFull: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface RevocationFact {
  readonly issuer: DeviceName;
  readonly subject: DeviceName;
  readonly revokedAtMs: number;
}

export interface DeviceName {
  readonly deviceId: string;
  readonly publicKey: Uint8Array;
}

/**
 * `key_damaged`: the stored key is there and cannot be used; it is never replaced silently.
 * `insecure_page`: without https browsers keep no keys. `storage_refused`: this one keeps nothing for this
 * page. `failed`: anything else.
 */
export type DeviceTrouble = "key_damaged" | "insecure_page" | "storage_refused" | "failed";

export class DeviceError extends Error {
  readonly trouble: DeviceTrouble;

  constructor(trouble: DeviceTrouble, options?: ErrorOptions) {
    super(`device key: ${trouble.replaceAll("_", " ")}`, options);
    this.name = "DeviceError";
    this.trouble = trouble;
  }
}

export type DeviceOperation = keyof DeviceOperations;
export type DeviceInput<Name extends DeviceOperation> = Parameters<DeviceOperations[Name]>[0];

/** One request as it crosses to that thread. */
export type DeviceRequest = {
  [Name in DeviceOperation]: { readonly operation: Name; readonly input: DeviceInput<Name> };
}[DeviceOperation];

export type DeviceAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly trouble: DeviceTrouble };

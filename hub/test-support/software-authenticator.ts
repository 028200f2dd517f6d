import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";

/** A passkey in software: answers as browser and authenticator together would, or wrongly where a test says so. */
export interface SoftwareAuthenticator {
  readonly credentialId: string;
  /** RegistrationResponseJSON. */
  register(optionsJson: string, lies?: Lies): string;
  /** AuthenticationResponseJSON. */
  authenticate(optionsJson: string, lies?: Lies): string;
}

export interface Lies {
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly rpId?: string;
  readonly credentialId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  readonly counter?: number;
  /** Null: none is sent. */
  readonly userHandle?: string | null;
  readonly attestation?: Attestation;
  /** Signed by the passkey itself (WebAuthn Level 3 §8.2), or by the key of a certificate; both are right. */
  readonly vouchedBy?: "itself" | "certificate";
  /** A signature over something else. */
  readonly forged?: boolean;
}

export function makeSoftwareAuthenticator(origin: string): SoftwareAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const coseKey = new Map<number, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, "base64url")],
    [-3, Buffer.from(y, "base64url")],
  ]);
  const id = randomBytes(16);
  const credentialId = id.toString("base64url");
  let counter = 0;
  let userId: string | null = null;

  const clientDataOf = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({ type, challenge, origin, crossOrigin: false, ...lies.clientData }),
    );

  function authenticatorDataOf(rpId: string, lies: Lies, attested: Buffer): Buffer {
    const { userPresent = true, userVerified = true } = lies;
    const hasKey = attested.length > 0;
    const flags = (userPresent ? 0x01 : 0) | (userVerified ? 0x04 : 0) | (hasKey ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? counter);
    return Buffer.concat([
      createHash("sha256")
        .update(lies.rpId ?? rpId)
        .digest(),
      Buffer.of(flags),
      count,
      attested,
    ]);
  }

  const answer = (lies: Lies, response: Record<string, unknown>): string => {
    const claimed = lies.credentialId ?? credentialId;
    const rest = { type: "public-key", response, clientExtensionResults: {} };
    return JSON.stringify({ id: claimed, rawId: claimed, ...rest });
  };

  return {
    credentialId,
    register(optionsJson, lies = {}) {
      const { challenge, rp, user } = JSON.parse(optionsJson) as CreationOptions;
      userId = user.id;
      const length = Buffer.of(id.length >> 8, id.length & 255);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, encodeCbor(coseKey)]);
      const clientData = clientDataOf("webauthn.create", challenge, lies);
      const data = authenticatorDataOf(rp.id, lies, attested);
      const hash = createHash("sha256").update(clientData).digest();
      const signed = Buffer.concat([data, hash]);
      const [format, statement] = lies.attestation ?? vouch(lies.vouchedBy, privateKey, signed);
      const attestation = new Map<string, Cbor>([
        ["fmt", format],
        ["attStmt", statement],
        ["authData", data],
      ]);
      return answer(lies, {
        clientDataJSON: clientData.toString("base64url"),
        attestationObject: encodeCbor(attestation).toString("base64url"),
        transports: ["internal", "hybrid", "telepathy"],
      });
    },
    authenticate(optionsJson, lies = {}) {
      const { challenge, rpId } = JSON.parse(optionsJson) as RequestOptions;
      counter += 1;
      const clientData = clientDataOf("webauthn.get", challenge, lies);
      const data = authenticatorDataOf(rpId, lies, Buffer.alloc(0));
      const hash = createHash("sha256").update(clientData).digest();
      const signed = lies.forged === true ? hash : Buffer.concat([data, hash]);
      const userHandle = lies.userHandle === undefined ? userId : lies.userHandle;
      return answer(lies, {
        clientDataJSON: clientData.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: sign("sha256", signed, privateKey).toString("base64url"),
        ...(userHandle === null ? {} : { userHandle }),
      });
    },
  };
}

type Attestation = readonly [format: string, statement: ReadonlyMap<string, Cbor>];

function vouch(by: Lies["vouchedBy"], own: KeyObject, signed: Uint8Array): Attestation {
  if (by === undefined) return ["none", new Map()];
  const key = by === "itself" ? own : createPrivateKey({ key: makersKey, format: "jwk" });
  const statement = new Map<string, Cbor>([
    ["alg", -7],
    ["sig", sign("sha256", signed, key)],
  ]);
  if (by === "certificate") statement.set("x5c", [Buffer.from(makersCertificate, "base64")]);
  return ["packed", statement];
}

/** Of a maker of authenticators that does not exist: nobody's secret. */
const makersKey = {
  kty: "EC",
  crv: "P-256",
  d: Buffer.alloc(32, 1).toString("base64url"),
  x: "b_A7lJJBzh2t1DUZ5pYOCoW0GmmgXDKBA6orzhWUyhY",
  y: "PE91OlW_AdxT9sCwx-7ni0DG_30lqW4igrmJzvccFEo",
};

/** Of that key and signed with it, from 2020 to 2120, as §8.2.1 wants it. */
const makersCertificate =
  "MIIBnzCCAUWgAwIBAgIBATAKBggqhkjOPQQDAjBPMQswCQYDVQQGEwJBUTENMAsGA1UEChMEVGVzdDEiMCAGA1UECxMZQXV0aGVudGljYXRvciBBdHRlc3RhdGlvbjENMAsGA1UEAxMEVGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowTzELMAkGA1UEBhMCQVExDTALBgNVBAoTBFRlc3QxIjAgBgNVBAsTGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24xDTALBgNVBAMTBFRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARv8DuUkkHOHa3UNRnmlg4KhbQaaaBcMoEDqivOFZTKFjxPdTpVvwHcU/bAsMfu54tAxv99JaluIoK5ic73HBRKoxAwDjAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0gAMEUCIQDNN1WrBMdbtKqQoDpzAfVXenKPmF8oJWXYf+xMdd6I5gIga2yD7R96TC7NW8l/OAClH0sFg6pwzi+GLX3Z9pJd9sw=";

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

export type Cbor =
  | number
  | string
  | Uint8Array
  | readonly Cbor[]
  | ReadonlyMap<number, Cbor>
  | ReadonlyMap<string, Cbor>;

/** RFC 8949 §3, as much of it as authenticators use. */
function encodeCbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<number | string, Cbor>)];
    return Buffer.concat([head(5, entries.length), ...entries.flat().map(encodeCbor)]);
  }
  const items = value as readonly Cbor[];
  return Buffer.concat([head(4, items.length), ...items.map(encodeCbor)]);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument);
  if (argument < 256) return Buffer.of((major << 5) | 24, argument);
  return Buffer.of((major << 5) | 25, argument >> 8, argument & 255);
}

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { RelyingParty } from "./relying-party.ts";

/**
 * The two ceremonies of WebAuthn: what a browser is asked, and whether its answer is right. Every answer that
 * is not right looks the same, however it is wrong.
 *
 * Attestation is neither asked for nor believed: certificates that a caller chooses are not parsed, and
 * nothing is fetched because of them. The library is loaded at first use, for it takes a quarter of a second.
 */
export interface NewPasskey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
}

export interface KnownPasskey extends NewPasskey {
  readonly userId: string;
}

/** EdDSA, ES256, RS256: what authenticators have, the best first. */
const algorithms = [-8, -7, -257];
const timeoutMs = 5 * 60_000;
const maxAnswerLength = 32 * 1024;
/** WebAuthn Level 3 §4: 1023 bytes. */
const maxIdLength = 1364;

export async function startRegistration(
  party: RelyingParty,
  user: { readonly userId: string; readonly username: string; readonly displayName: string },
  options: { readonly challenge: string; readonly present: readonly PasskeyHint[] },
): Promise<string> {
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  const json = await generateRegistrationOptions({
    rpName: "LeapMux",
    rpID: party.id,
    userID: new Uint8Array(Buffer.from(user.userId)),
    userName: user.username,
    userDisplayName: user.displayName,
    challenge: bytesOf(options.challenge),
    timeout: timeoutMs,
    attestationType: "none",
    excludeCredentials: options.present.map(hintOf),
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    supportedAlgorithmIDs: algorithms,
  });
  return JSON.stringify(json);
}

export async function finishRegistration(
  party: RelyingParty,
  challenge: string,
  answerJson: string,
): Promise<NewPasskey | null> {
  const answer = readAnswer(answerJson, ["clientDataJSON", "attestationObject"]);
  if (answer === null || isFramed(answer.response.clientDataJSON)) return null;
  try {
    if (!(await isUnattested(answer.response.attestationObject))) return null;
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...answer, type: "public-key" } satisfies RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    });
    if (!verified || registrationInfo.credential.id !== answer.id) return null;
    const { id, publicKey, counter } = registrationInfo.credential;
    return { credentialId: id, publicKey, counter, transports: readTransports(answerJson) };
  } catch {
    return null;
  }
}

/** `allowed` null: whatever passkey of this hub there is, and then whoever holds it must have proven to be its owner. */
export async function startAuthentication(
  party: RelyingParty,
  challenge: string,
  allowed: readonly PasskeyHint[] | null,
): Promise<string> {
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  const json = await generateAuthenticationOptions({
    rpID: party.id,
    challenge: bytesOf(challenge),
    timeout: timeoutMs,
    userVerification: allowed === null ? "required" : "preferred",
    ...(allowed === null ? {} : { allowCredentials: allowed.map(hintOf) }),
  });
  return JSON.stringify(json);
}

/** Which passkey an answer claims to be of, before anything is proven. */
export function readCredentialId(answerJson: string): string | null {
  return readAssertion(answerJson)?.id ?? null;
}

/** The passkey's new counter. `alone`: it is the only factor. */
export async function finishAuthentication(
  party: RelyingParty,
  passkey: KnownPasskey,
  answer: { readonly challenge: string; readonly json: string; readonly alone: boolean },
): Promise<{ readonly counter: number } | null> {
  const assertion = readAssertion(answer.json);
  if (assertion === null || assertion.id !== passkey.credentialId) return null;
  if (isFramed(assertion.response.clientDataJSON)) return null;
  // WebAuthn Level 3 §7.2 step 6: the authenticator says whose it is, and must where nobody else did.
  const { userHandle } = assertion.response;
  const isOwners = userHandle === Buffer.from(passkey.userId).toString("base64url");
  if (userHandle === undefined ? answer.alone : !isOwners) return null;
  try {
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...assertion, type: "public-key" } satisfies AuthenticationResponseJSON,
      expectedChallenge: answer.challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
      requireUserVerification: answer.alone,
    });
    return verified ? { counter: authenticationInfo.newCounter } : null;
  } catch {
    return null;
  }
}

export interface PasskeyHint {
  readonly credentialId: string;
  readonly transports: readonly string[];
}

const hintOf = ({ credentialId, transports }: PasskeyHint) => ({
  id: credentialId,
  transports: transports.filter(isTransport),
});

interface Answer<Field extends string> {
  readonly id: string;
  readonly rawId: string;
  readonly response: Readonly<Record<Field, string>>;
  readonly clientExtensionResults: Record<string, never>;
}

function readAssertion(answerJson: string) {
  const answer = readAnswer(answerJson, ["clientDataJSON", "authenticatorData", "signature"]);
  if (answer === null) return null;
  const userHandle = readResponse(answerJson)?.userHandle ?? undefined;
  if (userHandle !== undefined && typeof userHandle !== "string") return null;
  const response = { ...answer.response, ...(userHandle === undefined ? {} : { userHandle }) };
  return { ...answer, response };
}

/** Takes over what is named and nothing else. Null unless all of it is base64url. */
function readAnswer<Field extends string>(
  json: string,
  fields: readonly Field[],
): Answer<Field> | null {
  const answer = readObject(json);
  if (answer === null || answer.type !== "public-key") return null;
  const { id, rawId } = answer;
  if (!isBase64url(id) || id.length > maxIdLength || rawId !== id) return null;
  const given = readResponse(json);
  const entries = fields.map((field) => [field, given?.[field]] as const);
  if (!entries.every(([, value]) => isBase64url(value))) return null;
  const response = Object.fromEntries(entries) as Record<Field, string>;
  return { id, rawId, response, clientExtensionResults: {} };
}

function readResponse(json: string): Record<string, unknown> | null {
  const response = readObject(json)?.response;
  return isObject(response) ? response : null;
}

function readObject(json: string): Record<string, unknown> | null {
  if (json.length > maxAnswerLength) return null;
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** A page of ours inside somebody else's page, or what is no client data at all. The library lets some of it pass. */
function isFramed(clientDataJson: string): boolean {
  const data = readObject(Buffer.from(clientDataJson, "base64url").toString("utf8"));
  return data === null || (data.crossOrigin ?? false) !== false || data.topOrigin !== undefined;
}

async function isUnattested(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const decoded = decodeAttestationObject(bytesOf(attestationObject));
  const format = decoded.get("fmt");
  // Self attestation is signed with the passkey itself; browsers leave it even where none is wanted.
  return (
    format === "none" || (format === "packed" && decoded.get("attStmt").get("x5c") === undefined)
  );
}

function readTransports(answerJson: string): string[] {
  const given = readResponse(answerJson)?.transports;
  if (!Array.isArray(given)) return [];
  return [...new Set(given.slice(0, 16).filter(isTransport))];
}

const transports: ReadonlySet<unknown> = new Set([
  "ble",
  "cable",
  "hybrid",
  "internal",
  "nfc",
  "smart-card",
  "usb",
]);

function isTransport(value: unknown): value is string {
  return transports.has(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBase64url(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]+$/.test(value);
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, "base64url"));
}

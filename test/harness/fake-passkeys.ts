/** The hub's side of WebAuthn without its cryptography: which challenge, which credential. */
import type { Account, Passkey } from "@leapmux/proto/hub/v1/account_pb.ts";

export function requestOptions(rpId: string, challenge: string, passkeys: readonly Passkey[]) {
  return JSON.stringify({
    challenge,
    rpId,
    userVerification: "preferred",
    timeout: 60_000,
    allowCredentials: passkeys.map(({ credentialId: id }) => ({ id, type: "public-key" })),
  });
}

export function creationOptions(rpId: string, challenge: string, account: Account) {
  return JSON.stringify({
    challenge,
    rp: { id: rpId, name: "LeapMux" },
    user: {
      id: Buffer.from(account.userId).toString("base64url"),
      name: account.username,
      displayName: account.displayName,
    },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    timeout: 60_000,
    excludeCredentials: account.passkeys.map(({ credentialId: id }) => ({
      id,
      type: "public-key",
    })),
    authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
    attestation: "none",
  });
}

interface PasskeyJson {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string };
}

export function challengeOf(json: string): string {
  const { response } = JSON.parse(json) as PasskeyJson;
  const data = Buffer.from(response.clientDataJSON, "base64url").toString();
  return (JSON.parse(data) as { challenge: string }).challenge;
}

export function credentialOf(json: string): string {
  return (JSON.parse(json) as PasskeyJson).id;
}

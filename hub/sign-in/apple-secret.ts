import { createPrivateKey, sign } from "node:crypto";

const lifeSeconds = 5 * 60;

/**
 * Apple takes no lasting secret but a JWT that is signed with a key of the developer's account (ES256). A fresh one
 * is made for each exchange, so nothing has to be renewed by hand every six months.
 */
export function makeAppleSecret(
  key: { readonly teamId: string; readonly keyId: string; readonly privateKey: string },
  clientId: string,
  nowMs: number,
): string {
  const issuedAt = Math.floor(nowMs / 1000);
  const head = encode({ alg: "ES256", kid: key.keyId });
  const claims = encode({
    iss: key.teamId,
    iat: issuedAt,
    exp: issuedAt + lifeSeconds,
    aud: "https://appleid.apple.com",
    sub: clientId,
  });
  const signature = sign("sha256", Buffer.from(`${head}.${claims}`), {
    key: createPrivateKey(key.privateKey),
    dsaEncoding: "ieee-p1363",
  });
  return `${head}.${claims}.${signature.toString("base64url")}`;
}

/** The file that Apple gives out once, `AuthKey_….p8`. */
export function isApplePrivateKey(pem: string): boolean {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  } catch {
    return false;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

import { generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { isApplePrivateKey, makeAppleSecret } from "./apple-secret.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" });

test("each secret is a token that Apple's key of the team signed, for five minutes", () => {
  const key = { teamId: "TEAM000001", keyId: "KEY0000001", privateKey: pem };
  const [head = "", claims = "", signature = ""] = makeAppleSecret(
    key,
    "com.example.hub",
    1_700_000_000_500,
  ).split(".");
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(read(head)).toEqual({ alg: "ES256", kid: "KEY0000001" });
  expect(read(claims)).toEqual({
    iss: "TEAM000001",
    iat: 1_700_000_000,
    exp: 1_700_000_300,
    aud: "https://appleid.apple.com",
    sub: "com.example.hub",
  });
  const isRight = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  expect(isRight).toBe(true);
});

test("a key of another kind is told from Apple's", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  expect(isApplePrivateKey(pem)).toBe(true);
  expect(isApplePrivateKey(rsa.export({ type: "pkcs8", format: "pem" }))).toBe(false);
  expect(isApplePrivateKey("a secret")).toBe(false);
});

import "reflect-metadata";
import { isIP } from "node:net";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** Signs itself, so it is an authority too: whoever trusts it trusts the server that has it. PEM. */
export async function makeCertificate(
  name: string,
  daysLeft = 1,
): Promise<{ key: string; cert: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keys = {
    publicKey: pair.publicKey.toCryptoKey(algorithm, true, ["verify"]),
    privateKey: pair.privateKey.toCryptoKey(algorithm, true, ["sign"]),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 100 * 86_400_000),
    notAfter: new Date(Date.now() + daysLeft * 86_400_000),
    signingAlgorithm: algorithm,
    keys: keys as CryptoKeyPair,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: isIP(name) === 0 ? "dns" : "ip", value: name },
      ]),
      new x509.BasicConstraintsExtension(true, 0, true),
    ],
  });
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: certificate.toString("pem"),
  };
}

/** A provider that says what a test wants it to say: whatever of its answers is not changed is right. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cleanup } from "./make-cleanup.ts";

export interface HostileProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Over what the ID token says. */
  claims: Record<string, unknown>;
  header: Record<string, unknown>;
  /** Signs with a key that it did not publish. */
  hasWrongKey: boolean;
  /** Over the parameters that the browser brings back; null leaves one away. */
  answer: Record<string, string | null>;
  /** Instead of an answer at a path. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Over its discovery document. */
  readonly metadata: Record<string, unknown>;
  /** Codes that came to its token endpoint. */
  readonly codes: string[];
}

export async function startHostileProvider(cleanup: Cleanup): Promise<HostileProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const others = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const own: HostileProvider = {
    issuer,
    clientId: "leapmux",
    clientSecret: "a-secret-of-the-client",
    claims: {},
    header: {},
    hasWrongKey: false,
    answer: {},
    instead: new Map(),
    metadata: {},
    codes: [],
  };
  /** By code: what it was asked for with. */
  const asked = new Map<string, URLSearchParams>();

  function sendJson(response: ServerResponse, value: unknown): void {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = `code-${asked.size}`;
    asked.set(code, query);
    const back = new URL(query.get("redirect_uri") ?? "");
    const said = { code, state: query.get("state"), iss: issuer, ...own.answer };
    for (const [name, value] of Object.entries(said)) {
      if (value !== null) back.searchParams.set(name, value);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  async function giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const code = new URLSearchParams(body).get("code") ?? "";
    own.codes.push(code);
    const seconds = Math.floor(Date.now() / 1000);
    const claims = {
      ...{
        iss: issuer,
        aud: own.clientId,
        sub: "mallory-at-her-provider",
        iat: seconds,
        exp: seconds + 300,
      },
      nonce: asked.get(code)?.get("nonce"),
      ...own.claims,
    };
    const key = own.hasWrongKey ? others.privateKey : keys.privateKey;
    const idToken = makeToken({ alg: "RS256", kid: "one", ...own.header }, claims, key);
    sendJson(response, { access_token: "access", token_type: "Bearer", id_token: idToken });
  }

  handle = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", issuer);
    const other = own.instead.get(pathname);
    if (other !== undefined) return other(request, response);
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return sendJson(response, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ["code"],
          id_token_signing_alg_values_supported: ["RS256"],
          authorization_response_iss_parameter_supported: true,
          ...own.metadata,
        });
      case "/authorize":
        return authorize(searchParams, response);
      case "/token":
        return void giveToken(request, response);
      case "/keys":
        return sendJson(response, {
          keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256" }],
        });
      default:
        response.writeHead(404).end();
    }
  };
  return own;
}

function makeToken(header: Record<string, unknown>, claims: object, key: KeyObject): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode(header)}.${encode(claims)}`;
  const isSigned = header["alg"] !== "none";
  return `${text}.${isSigned ? sign("sha256", Buffer.from(text), key).toString("base64url") : ""}`;
}

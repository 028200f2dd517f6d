/** A real OpenID provider (oidc-provider) on loopback, where everybody is whom the test says, without a form. */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import type { Cleanup } from "./make-cleanup.ts";

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who sits in front of it: `sub` and further claims. Null: declines. */
  person: ({ readonly sub: string } & Record<string, unknown>) | null;
  /** Where it may send people back to. */
  readonly redirectUris: Set<string>;
}

export async function startIdentityProvider(
  cleanup: Cleanup,
  options: { readonly authMethod?: string } = {},
): Promise<IdentityProvider> {
  const { authMethod = "client_secret_basic" } = options;
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own: IdentityProvider = {
    issuer,
    clientId: "leapmux",
    clientSecret: "a-secret-of-the-client-0123456789",
    person: { sub: "ann-there" },
    redirectUris: new Set(),
  };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: own.clientId,
        client_secret: own.clientSecret,
        redirect_uris: ["http://127.0.0.1/unused"],
        token_endpoint_auth_method: authMethod,
      },
    ],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    scopes: ["openid", "profile", "email", "groups"],
    clientAuthMethods: [authMethod],
    cookies: { keys: ["only-for-tests"] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ ...own.person, sub: accountId }),
    }),
  });
  provider.Client.prototype.redirectUriAllowed = (uri) => own.redirectUris.has(uri);

  async function answerAsPerson(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const { person } = own;
    if (person === null) {
      const result = { error: "access_denied", error_description: "<b>no</b>" };
      return provider.interactionFinished(request, response, result, {
        mergeWithLastSubmission: false,
      });
    }
    const grant = new provider.Grant({ accountId: person.sub, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const result = {
      login: { accountId: person.sub, remember: false },
      consent: { grantId: await grant.save() },
    };
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }
  const ordinary = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) return ordinary(request, response);
    answerAsPerson(request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  return own;
}

/** Somebody with a browser at a hub that has a provider of identities. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import {
  ProviderAdminService,
  type AddProviderRequestSchema,
} from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { makeCookieBrowser } from "./cookie-browser.ts";
import type { IdentityProvider } from "./start-identity-provider.ts";
import type { StartedHub } from "./start-hub.ts";

/** The name under which it sends people back here. */
export const openUrlOf = (hub: Pick<StartedHub, "port">): string => `http://localhost:${hub.port}`;

export function providersOf(hub: Pick<StartedHub, "admin">) {
  if (hub.admin === undefined) throw new Error("this hub has no admin");
  return createClient(ProviderAdminService, hub.admin.transport);
}

export async function addProvider(
  hub: StartedHub,
  idp: Pick<IdentityProvider, "issuer" | "clientId" | "clientSecret"> & {
    readonly redirectUris?: Set<string>;
  },
  more: MessageInitShape<typeof AddProviderRequestSchema> = {},
): Promise<string> {
  const { issuer, clientId, clientSecret } = idp;
  const { provider } = await providersOf(hub).addProvider({
    ...{ preset: "oidc", name: "Company", trustEmail: true, issuer, clientId, clientSecret },
    ...more,
  });
  idp.redirectUris?.add(provider?.callbackUrl ?? "");
  return provider?.providerId ?? "";
}

export function makePerson(hub: Pick<StartedHub, "port">) {
  const browser = makeCookieBrowser();
  const url = openUrlOf(hub);
  const { host } = new URL(url);
  /** Each call with the cookies of that moment. */
  const options = () => ({
    headers: { cookie: browser.cookiesFor(url) },
    onHeader(headers: Headers) {
      for (const cookie of headers.getSetCookie()) browser.setCookie(host, cookie);
    },
  });
  const transport = connectAs(url);
  const logins = createClient(LoginService, transport);
  const account = createClient(AccountService, transport);
  const system = createClient(SystemService, transport);
  return {
    browser,
    url,
    loginAddress: (providerId: string, returnTo = "/") =>
      `${url}/auth/oauth/${providerId}/login?return_to=${encodeURIComponent(returnTo)}`,
    /** Out and back; the path where it ended. */
    async signIn(providerId: string, returnTo = "/"): Promise<string> {
      const address = this.loginAddress(providerId, returnTo);
      const isBack = (at: URL): boolean => at.host === host && !at.pathname.startsWith("/auth/");
      const { url: end } = await browser.follow(address, isBack);
      return end.pathname + end.search + end.hash;
    },
    options,
    readSignIn: async () => logins.readSignIn({}, options()),
    /** The code of a refusal, or what else came out. */
    async outcome(): Promise<string> {
      const { outcome } = await logins.readSignIn({}, options());
      return outcome.case === "refused" ? outcome.value : (outcome.case ?? "nothing");
    },
    finishSignUp: async (username: string, displayName = "") =>
      logins.finishSignUp({ username, displayName }, options()),
    logIn: async (username: string, password: string) =>
      logins.logIn({ username, password }, options()),
    logOut: async () => logins.logOut({}, options()),
    userId: async () => (await system.getSystemInfo({}, options())).userId,
    system: async () => system.getSystemInfo({}, options()),
    logins,
    account,
  };
}

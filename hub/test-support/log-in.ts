import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Agent } from "node:http";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";

/** Somebody who is logged in as a browser is: by a cookie that goes along with everything. */
export interface LoggedIn {
  readonly userId: string;
  readonly username: string;
  readonly password: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Of an account that is made. */
  readonly displayName?: string;
}

export const firstAdmin = { username: "ann", password: "correct horse battery" };

export function connectAs(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  agent?: Agent,
): Transport {
  return createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    useBinaryFormat: true,
    acceptCompression: [],
    nodeOptions: agent === undefined ? {} : { agent },
    interceptors: [
      (next) => (request) => {
        for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
        return next(request);
      },
    ],
  });
}

/** The first account, with the address that the hub printed. */
export async function setUpFirstAdmin(
  url: string,
  setUpUrl: string | null,
  account: Credentials = firstAdmin,
): Promise<LoggedIn> {
  const token = setUpUrl?.split("#")[1] ?? "";
  return enter(url, account, (calls, options) => calls.setUp({ token, ...account }, options));
}

export function acceptInvitation(
  url: string,
  token: string,
  account: Credentials,
): Promise<LoggedIn> {
  return enter(url, account, (calls, options) =>
    calls.acceptInvitation({ token, ...account }, options),
  );
}

export function logIn(
  url: string,
  account: Credentials = firstAdmin,
  headers: Readonly<Record<string, string>> = {},
): Promise<LoggedIn> {
  return enter(url, account, (calls, options) => calls.logIn(account, options), headers);
}

type Calls = ReturnType<typeof createClient<typeof LoginService>>;

async function enter(
  url: string,
  account: Credentials,
  call: (
    calls: Calls,
    options: { readonly onHeader: (headers: Headers) => void },
  ) => ReturnType<Calls["logIn"]>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LoggedIn> {
  const calls = createClient(LoginService, connectAs(url, headers));
  let cookie = "";
  const { result } = await call(calls, {
    onHeader: (received) => (cookie = received.get("set-cookie")?.split(";", 1)[0] ?? ""),
  });
  if (result.case !== "account") throw new Error("a second factor is asked for");
  const own = { ...headers, cookie };
  const { userId } = result.value;
  return { ...account, userId, headers: own, transport: connectAs(url, own) };
}

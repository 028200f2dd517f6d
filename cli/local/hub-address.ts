import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { ClientRequest } from "node:http";

/** The hub behind `leapmux open`: where it is, and the login that goes with every request to it. */
export interface HubAddress {
  readonly origin: string;
  /** Asked for each request, so that `leapmux login` and `leapmux logout` take effect at once. */
  readToken(): string | undefined;
}

export interface HubDialler {
  readonly hub: HubAddress;
  /** `own`: a connection that is not shared, for an upgrade. */
  request(path: string, options: RequestOptions, connection?: "own"): ClientRequest;
  close(): void;
}

const maxSockets = 64;

export function makeHubDialler(hub: HubAddress): HubDialler {
  const isTls = hub.origin.startsWith("https:");
  const agent = isTls
    ? new HttpsAgent({ keepAlive: true, maxSockets })
    : new HttpAgent({ keepAlive: true, maxSockets });
  const send = isTls ? httpsRequest : httpRequest;
  return {
    hub,
    request: (path, options, connection) =>
      send(new URL(path, hub.origin), {
        ...options,
        agent: connection === "own" ? false : agent,
      }),
    close: () => agent.destroy(),
  };
}

/** The headers by which the hub knows who calls; none of the browser's. */
export function callerHeaders(hub: HubAddress, version: string): Record<string, string> {
  const token = hub.readToken();
  return {
    "user-agent": `leapmux/${version}`,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

/**
 * Who may speak to the hub through somebody's browser. A page of another site can make a browser send
 * requests here (CSRF), open WebSockets, or under a name of its own that resolves to this host read the
 * answers (DNS rebinding). So the Host must be a name of ours, the Origin, where there is one, a page of
 * ours, and what changes anything or opens a link must not come from elsewhere by the browser's own word.
 */
export interface RequestSource {
  /** Host header, or :authority. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site, sent by browsers only. */
  readonly fetchSite: string | undefined;
  /** The address and port of ours that the connection reached. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

/**
 * `page`: reading a file. `call`: the API. `link`: a WebSocket, which only our own page may open. `answer`: what
 * another site's page brings back, by a link or a form; whoever takes it has to know by itself whether it was asked.
 */
export type RequestPurpose = "page" | "call" | "link" | "answer";

export type SourceCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: 403 | 421; readonly message: string };

export interface SourceRules {
  check(source: RequestSource, purpose: RequestPurpose): SourceCheck;
  /** How a page that was reached under this host dials its link. */
  linkSchemeOf(host: string): "ws" | "wss";
}

const allowed: SourceCheck = { ok: true };

export function makeSourceRules(options: {
  /** As configured; names and addresses alike. */
  readonly listenHost: string;
  readonly port: number;
  /** Where people reach the hub through a proxy: one more name of ours, scheme and port included. */
  readonly publicUrl?: string | undefined;
  /** Further origins whose pages may call: a development server. */
  readonly trustedOrigins: readonly string[];
}): SourceRules {
  const { listenHost, port, publicUrl, trustedOrigins } = options;
  const names = new Set(["localhost", "127.0.0.1", "[::1]"]);
  // The unspecified addresses are no name that anybody calls by.
  if (!["", "0.0.0.0", "::"].includes(listenHost)) names.add(bracket(listenHost.toLowerCase()));
  const hosts = new Set<string>();
  for (const name of names) {
    hosts.add(`${name}:${port}`);
    if (port === 80) hosts.add(name);
  }
  const secureHosts = new Set<string>();
  const origins = new Set([...[...hosts].map((host) => `http://${host}`), ...trustedOrigins]);
  if (publicUrl !== undefined) {
    const { host, origin, protocol, hostname } = new URL(publicUrl);
    const isSecure = protocol === "https:";
    // Some proxies write the port out that everybody else leaves away.
    const own = host === hostname ? [host, `${host}:${isSecure ? 443 : 80}`] : [host];
    for (const name of own) {
      hosts.add(name);
      if (isSecure) secureHosts.add(name);
    }
    origins.add(origin);
  }
  const wrongHost: SourceCheck = {
    ok: false,
    status: 421,
    message:
      publicUrl === undefined
        ? `This is LeapMux, but not under this name. Open http://localhost:${port} instead; through a tunnel, use the same port on both sides. Behind a proxy, start it with --public-url.`
        : `This is LeapMux, but not under this name. Open ${publicUrl} instead.`,
  };

  /** The plain address that the connection came in at cannot be the name of another site. */
  const isOwnAddress = ({ host, localAddress, localPort }: RequestSource): boolean =>
    localAddress !== undefined &&
    host === `${bracket(localAddress.replace(/^::ffff:/, ""))}:${localPort}`;

  return {
    linkSchemeOf: (host) => (secureHosts.has(host.toLowerCase()) ? "wss" : "ws"),
    check(source, purpose) {
      const host = source.host?.toLowerCase();
      if (host === undefined) return wrongHost;
      const byAddress = isOwnAddress({ ...source, host });
      if (!hosts.has(host) && !byAddress) return wrongHost;

      if (purpose === "answer") return allowed;
      if (source.origin !== undefined) {
        const own = origins.has(source.origin) || (byAddress && source.origin === `http://${host}`);
        if (!own) {
          return { ok: false, status: 403, message: "Pages of other sites may not call this hub." };
        }
      } else if (purpose === "link") {
        // Browsers always send it. Other clients can: it is the hub's own address.
        return {
          ok: false,
          status: 403,
          message: `The Origin header is missing: send \`Origin: http://localhost:${port}\`.`,
        };
      }
      const { fetchSite } = source;
      const foreign = fetchSite === "cross-site" || fetchSite === "same-site";
      const trusted = source.origin !== undefined && trustedOrigins.includes(source.origin);
      if (purpose !== "page" && foreign && !trusted) {
        return { ok: false, status: 403, message: "Pages of other sites may not call this hub." };
      }
      return allowed;
    },
  };
}

/** For a socket in the file system, which no browser can reach: whatever comes like one is refused. */
export const localSourceRules: SourceRules = {
  linkSchemeOf: () => "ws",
  check({ origin, fetchSite }) {
    if (origin === undefined && fetchSite === undefined) return allowed;
    return { ok: false, status: 403, message: "Pages may not call this hub here." };
  },
};

function bracket(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}

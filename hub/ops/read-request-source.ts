import type { RequestSource } from "./check-request-source.ts";
import type { Request } from "./listen.ts";

/** What check-request-source judges, from either version of HTTP. */
export function readRequestSource(request: Request): RequestSource {
  const { headers, socket } = request;
  const authority = headers[":authority"];
  // Both may be sent; then they have to agree, or nobody can tell which of them counts.
  const isAmbiguous =
    authority !== undefined && headers.host !== undefined && headers.host !== authority;
  const fetchSite = headers["sec-fetch-site"];
  return {
    host: isAmbiguous ? undefined : (single(authority) ?? headers.host),
    origin: headers.origin,
    fetchSite: single(fetchSite),
    localAddress: socket.localAddress,
    localPort: socket.localPort,
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}

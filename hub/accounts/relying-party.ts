import { isIP } from "node:net";

/** Whom passkeys belong to (WebAuthn Level 3 §5.1.2): a host name, and the pages on it that may ask for them. */
export interface RelyingParty {
  readonly id: string;
  readonly origins: readonly string[];
}

/**
 * From the address under which people open this hub. Null where browsers offer no passkeys: under a bare IP
 * address, or without TLS anywhere but on localhost.
 */
export function readRelyingParty(publicUrl: string): RelyingParty | null {
  if (!URL.canParse(publicUrl)) return null;
  const { protocol, hostname, port, origin } = new URL(publicUrl);
  const isLoopback = hostname === "127.0.0.1" || hostname === "[::1]";
  if (protocol === "http:" && isLoopback) {
    // The same hub under the name that has passkeys.
    return { id: "localhost", origins: [`http://localhost${port === "" ? "" : `:${port}`}`] };
  }
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  if (protocol !== "https:" && !(protocol === "http:" && isLocal)) return null;
  if (isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return null;
  return { id: hostname, origins: [origin] };
}

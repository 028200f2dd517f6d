import { BlockList, isIP, isIPv6 } from "node:net";
import { isLoopback } from "./listen-address.ts";

/** What of a request tells where it came from. */
export interface CallerSource {
  readonly remoteAddress: string | undefined;
  /** X-Forwarded-For. */
  readonly forwardedFor: string | undefined;
}

/**
 * The address of whoever calls, for the list of logins and for what is counted by address. What a request
 * says about itself counts only where a proxy said it: one on this host, or one that was configured. Each
 * proxy adds whom it heard at the end, so it is read from there, as far as proxies of ours go.
 */
export function makeCallerAddress(
  trustedProxies: readonly string[],
): (source: CallerSource) => string {
  const isProxy = makeIsProxy(trustedProxies);
  return ({ remoteAddress, forwardedFor }) => {
    let address = plain(remoteAddress ?? "");
    for (const said of (forwardedFor ?? "").split(",").reverse()) {
      if (isIP(address) === 0 || !isProxy(address)) break;
      const next = plain(said.trim());
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

/** Whether what somebody at this address says about its callers counts. */
export function makeIsProxy(trustedProxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (raw) => {
    const address = plain(raw);
    if (isIP(address) === 0) return false;
    return isLoopback(address) || trusted.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  };
}

/** IPv4 as IPv4, without a zone, without the port that some proxies add. */
function plain(address: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? address;
  const withoutPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bracketed)?.[1] ?? bracketed;
  return withoutPort.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

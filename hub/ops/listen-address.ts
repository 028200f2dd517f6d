import { BlockList, isIP, isIPv6 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether only this host can reach it. A name other than localhost may resolve to anything: no. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true;
  if (isIP(host) === 0) return false;
  return loopback.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/** Where people open it. An unspecified address is no address to open. */
export function urlOf(host: string, port: number): string {
  const name = ["", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

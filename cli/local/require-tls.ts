import { CommandError } from "../command-error.ts";
import { isLoopback } from "../config/value-types.ts";

/** Before anything secret goes to a hub: `what` would be open to everybody on the way. */
export function requireTls(hub: string, what: string): void {
  const { protocol, hostname, port } = new URL(hub);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol === "https:" || isLoopback({ host, port: Number(port) })) return;
  throw new CommandError(
    "usage",
    `${hub} has no TLS: everybody on the way could take the ${what}`,
    "Use https, or an SSH tunnel, or accept that with --allow-http.",
  );
}

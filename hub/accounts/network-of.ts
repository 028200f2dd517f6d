import { isIPv6 } from "node:net";

/** What strangers are counted by: whoever has one IPv6 address has the 2^64 of its network. */
export function networkOf(rawAddress: string): string {
  const address = rawAddress.slice(0, 64).replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  // The first half of the address, its zeros written out.
  const [head = "", tail] = address.split("::");
  const heads = head.split(":").filter((group) => group !== "");
  const tails = (tail ?? "").split(":").filter((group) => group !== "");
  const tailLength = tails.length + (tails.at(-1)?.includes(".") === true ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(8 - heads.length - tailLength, 0);
  const groups = [...heads, ...Array.from({ length: zeros }, () => "0"), ...tails];
  const first = groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}

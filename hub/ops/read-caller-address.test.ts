import { expect, test } from "vitest";
import { makeCallerAddress } from "./read-caller-address.ts";

const addressOf = makeCallerAddress(["10.0.0.0/8", "fd00::7"]);

test.each([
  // Nobody in between: what the request says of itself counts nothing.
  ["203.0.113.5", undefined, "203.0.113.5"],
  ["203.0.113.5", "198.51.100.1", "203.0.113.5"],
  ["::ffff:203.0.113.5", "127.0.0.1", "203.0.113.5"],
  // A proxy on this host, then one that was configured.
  ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["::1", "2001:db8::1", "2001:db8::1"],
  ["::ffff:127.0.0.1", "198.51.100.1, 10.1.2.3", "198.51.100.1"],
  ["fd00::7", "198.51.100.1", "198.51.100.1"],
  ["fd00::8", "198.51.100.1", "fd00::8"],
  // What somebody claimed before the first proxy of ours heard them.
  ["127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
  ["127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"],
  // Ports and brackets as some proxies write them; zones.
  ["127.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
  ["127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["fe80::1%eth0", undefined, "fe80::1"],
  // Nonsense is where it ends.
  ["127.0.0.1", "unknown", "127.0.0.1"],
  ["127.0.0.1", "198.51.100.1, <script>", "127.0.0.1"],
  ["127.0.0.1", "", "127.0.0.1"],
  ["127.0.0.1", ",,,", "127.0.0.1"],
  [undefined, "198.51.100.1", ""],
])("from %s, forwarded for %s: %s", (remoteAddress, forwardedFor, expected) => {
  expect(addressOf({ remoteAddress, forwardedFor })).toBe(expected);
});

import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";
import { expect, test } from "vitest";
import { checkPolicy } from "./check-policy.ts";

const host = "hub.example";
const own = securityHeaders(host, "ws")["content-security-policy"] ?? "";

test.each([
  own,
  own.replace("ws://", "wss://"),
  `${own}; upgrade-insecure-requests`,
  `${own}; script-src-elem 'self'`,
  `default-src *, ${own}`,
  own.toUpperCase().replaceAll(/'[A-Z-]+'|WS:\/\/\S+|DATA:/g, (each) => each.toLowerCase()),
])("allows no more than ours: %s", (policy) => {
  expect(checkPolicy(policy, host)).toBeUndefined();
});

test.each([
  [undefined, /no content security policy/],
  ["", /no content security policy/],
  [own.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"), /more in script-src/],
  [own.replace("script-src 'self'", "script-src 'nonce-abc'"), /more in script-src/],
  [own.replace("script-src 'self'", "script-src 'self'; script-src-elem *"), /further directives/],
  [own.replace(`ws://${host}`, "wss://evil.example"), /more in connect-src/],
  [own.replace("frame-ancestors 'none'", "x 'none'"), /does not restrict frame-ancestors/],
  [`script-src *; ${own}`, /more in script-src/],
  ["default-src 'none'", /does not restrict script-src/],
])("allows more: %s", (policy, expected) => {
  expect(checkPolicy(policy, host)).toMatch(expected);
});

import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";

/** What a server in front of the hub may add, because it only forbids more. */
const stricter = new Set(["upgrade-insecure-requests", "block-all-mixed-content", "sandbox"]);
const harmless = new Set(["'none'", "'self'"]);

/**
 * Whether a content security policy allows no more than ours: undefined, or what is wrong with it. With
 * several policies a browser obeys all of them, so one that is ours is enough.
 */
export function checkPolicy(header: string | undefined, host: string): string | undefined {
  const expected = parse(securityHeaders(host, "ws")["content-security-policy"] ?? "");
  // Behind TLS a page connects by wss.
  expected.get("connect-src")?.push(`wss://${host}`);
  let first: string | undefined;
  for (const policy of (header ?? "").split(",")) {
    const wrong = compare(parse(policy), expected);
    if (wrong === undefined) return undefined;
    first ??= wrong;
  }
  return first;
}

type Policy = ReadonlyMap<string, string[]>;

function compare(actual: Policy, expected: Policy): string | undefined {
  if (actual.size === 0) return "there is no content security policy";
  for (const [directive, sources] of expected) {
    const given = actual.get(directive);
    if (given === undefined) return `the policy does not restrict ${directive}`;
    const more = given.find((source) => source !== "'none'" && !sources.includes(source));
    if (more !== undefined) return `the policy allows more in ${directive}`;
  }
  for (const [directive, sources] of actual) {
    const fine = expected.has(directive) || stricter.has(directive);
    if (!fine && !sources.every((source) => harmless.has(source))) {
      return "the policy has further directives";
    }
  }
  return undefined;
}

/** Of a directive that is repeated the first counts (CSP3 §2.2.1). */
function parse(text: string): Map<string, string[]> {
  const policy = new Map<string, string[]>();
  for (const part of text.split(";")) {
    const [name = "", ...sources] = part.trim().split(/\s+/);
    const directive = name.toLowerCase();
    if (directive !== "" && !policy.has(directive)) policy.set(directive, sources);
  }
  return policy;
}

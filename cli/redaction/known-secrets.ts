/**
 * What secrets look like that we know: ours, and those that people have around them. `pattern` is in the syntax
 * of RE2, `sign` what none of them is without: a few letters, for a quick look at the many lines that have none.
 */
export interface KnownSecret {
  readonly sign: RegExp;
  readonly pattern: string;
}

export const knownSecrets: readonly KnownSecret[] = [
  // Ours: registration keys with their pairing secret, invitations, logins, workers, API tokens.
  { sign: /lm[a-z]{1,3}_/, pattern: String.raw`\blm[a-z]{1,3}_[\w-]{6,}(?:\.[\w-]+)?` },
  // RFC 6750, RFC 7617.
  {
    sign: /bearer|basic|token/,
    pattern: String.raw`(?i:\b(?:bearer|basic|token)\s+[\w.~+/=-]{8,})`,
  },
  // A header with its value, as text or as JSON.
  {
    sign: /authorization|cookie|x-api-key|x-auth-token/,
    pattern: String.raw`(?i:\b(?:proxy-authorization|authorization|set-cookie|cookie|x-api-key|x-auth-token)["']?\s*[:=]\s*["']?[^"'\r\n]+)`,
  },
  {
    sign: /passw|passphrase|secret|api.?key|access.?token|refresh.?token/,
    pattern: String.raw`(?i:\b[\w-]*(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?token|refresh[_-]?token|client[_-]?secret)["']?\s*[:=]\s*["']?[^"'\s,;&]+)`,
  },
  // GitHub, GitLab, Slack, npm, Stripe, Google, OpenAI and Anthropic.
  {
    sign: /gh[pousr]_|github_pat_|glpat-|xox[a-z]-|npm_|[sr]k_|aiza|gocspx-|sk-/,
    pattern: String.raw`\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|npm_\w{20,}|[sr]k_(?:live|test)_\w{10,}|AIza[\w-]{30,}|GOCSPX-[\w-]{20,}|sk-[\w-]{16,})`,
  },
  // AWS: ids of keys, and their secret where it is called so.
  {
    sign: /akia|asia|abia|acca/,
    pattern: String.raw`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`,
  },
  {
    sign: /aws_?se/,
    pattern: String.raw`(?i:aws_?se[a-z_]*["']?\s*[:=]\s*["']?[\w/+=]{16,})`,
  },
  // RFC 7519.
  { sign: /eyj/, pattern: String.raw`\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?` },
  // RFC 7468, whole or cut off.
  {
    sign: /-----begin/,
    pattern: String.raw`(?s:-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY.*?(?:-----END[A-Z0-9 ]{0,40}-----|\z))`,
  },
  { sign: /age-secret-key/, pattern: String.raw`AGE-SECRET-KEY-1[A-Z0-9]{20,}` },
  // Name and password in an address.
  { sign: /:\/\//, pattern: String.raw`(?:\w{2,20}://)[^/\s:@"']+:[^/\s@"']+@` },
];

/** A field with such a name is hidden whatever stands in it. */
export const secretFieldName =
  /^(?:\w*tokens?|\w*passwords?|passphrase|\w*secrets?|key|registration_?key|private_?key|api_?key|pepper|(?:proxy-)?authorization|(?:set-)?cookie|x-api-key)$/i;

import { generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { makeRedactor } from "./make-redactor.ts";
import { readRedactPatterns } from "./redact-patterns.ts";

const letters = (length: number) => randomBytes(length).toString("hex").slice(0, length);
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
const [, body = ""] = pem.split("\n");

/** A line with the secret in it, and the part that must not be there afterwards. */
const secrets: readonly (readonly [name: string, text: string, secret: string])[] = [
  ...["lml_", "lmk_", "lmw_", "lmi_", "lmx_a", "lmp_"].map((prefix) => {
    const secret = randomBytes(32).toString("base64url");
    return [`ours, ${prefix}`, `see ${prefix}${secret} there`, secret] as const;
  }),
  ["a registration key with its pairing secret", "lmk_abcdefgh.PairingSecret1", "PairingSecret1"],
  ["an invitation in an address", "https://hub.example/invite#lmi_abcdefghijkl", "abcdefghijkl"],
  ["Bearer", "authorization was Bearer abcdef123456", "abcdef123456"],
  ["bearer in capitals", "BEARER abcdef123456", "abcdef123456"],
  ["Basic", "Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="],
  ["a header", "GET / HTTP/1.1\r\nX-Api-Key: s3cr3t value\r\nHost: x", "s3cr3t value"],
  ["a header in JSON", '{"cookie":"a=b; c=d"}', "c=d"],
  ["a set-cookie", "Set-Cookie: leapmux=abc; Path=/", "leapmux=abc"],
  ["GitHub", `ghp_${letters(36)}`, "ghp_"],
  ["GitHub, fine-grained", `github_pat_${letters(40)}`, "github_pat_"],
  ["GitLab", `glpat-${letters(20)}`, "glpat-"],
  ["AWS, an id", "AKIAIOSFODNN7EXAMPLE", "IOSFODNN"],
  ["AWS, a secret", "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalr"],
  ["JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N", "dozjg"],
  ["a private key", `before\n${pem}after`, body],
  ["a private key that was cut off", pem.slice(0, 60), body.slice(0, 20)],
  ["age", `AGE-SECRET-KEY-1${letters(58).toUpperCase()}`, "AGE-SECRET-KEY-1"],
  ["name and password in an address", ["postgres:", "ann:hunter2@db/x"].join("//"), "hunter2"],
  ["a password under a longer name", "LEAPMUX_HUB_SMTP_PASSWORD=hunter2", "hunter2"],
  ["a password in a query", "GET /?password=hunter2&x=1", "hunter2"],
];

/** What really reaches the sink when somebody logs it. */
function logged(fields: object, message: string, patterns = ""): string {
  const read = readRedactPatterns(patterns);
  if (!read.ok) throw new Error(read.message);
  const redactor = makeRedactor(read.patterns);
  let text = "";
  const logger = pino({}, { write: (line: string) => (text += redactor.line(line)) });
  logger.info(fields, message);
  return text;
}

describe.each(secrets)("%s", (_, text, secret) => {
  test("is gone from any field, at any depth, from names, messages and errors", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("list", "object"), { maxLength: 6 }),
        fc.string(),
        fc.string(),
        (wraps, before, after) => {
          const wrapped = wraps.reduce<unknown>(
            (inner, wrap) => (wrap === "list" ? [before, inner] : { [`x${after}`]: inner }),
            `${before} ${text} ${after}`,
          );
          expect(logged({ wrapped }, "x")).not.toContain(secret);
        },
      ),
      { numRuns: 10 },
    );
    expect(logged({ [text]: 1 }, "x")).not.toContain(secret);
    expect(logged({}, `told: ${text}`)).not.toContain(secret);
    expect(logged({ err: new Error(text, { cause: new Error(text) }) }, "x")).not.toContain(secret);
    // Such a log cannot be read by a parser, and is one all the same.
    expect(makeRedactor([]).line(`not JSON: ${text}\n`)).not.toContain(secret);
  });
});

test("fields with telling names are hidden whole, at any depth", () => {
  const text = logged(
    { a: { b: { c: { d: { workerToken: "hush1" } } } }, list: [{ key: ["hush2"] }] },
    "x",
  );
  expect(text).not.toContain("hush");
  expect(text).toContain("[hidden]");
});

test("what is no secret stays as it is, byte for byte", () => {
  const line = `${JSON.stringify({
    level: "info",
    channelId: "AAAAAAAAAAAAAAAAAAAAAA",
    userId: "usr_AAAAAAAAAAAAAAAAAAAAAA",
    loginId: "lgn_AAAAAAAAAAAAAAAAAAAAAA",
    fingerprint: "0123456789abcdef".repeat(4),
    at: "relay.ts:10 < context.ts:20",
    msg: "the basic token is old",
  })}\n`;
  const redactor = makeRedactor([]);
  expect(redactor.line(line)).toBe(line);
  expect(JSON.parse(logged({ port: 1, list: [1, null, true] }, "a\nb"))).toMatchObject({
    port: 1,
    list: [1, null, true],
    msg: "a\nb",
  });
});

test("patterns of the operator are hidden besides", () => {
  const patterns = "ticket=TCK-[0-9]+\n  host = never\n".replace(
    "  host = never\n",
    "host=\\w+\\.corp",
  );
  const text = logged({ a: "TCK-17 on db.corp", b: `lml_${letters(30)}` }, "x", patterns);
  expect(JSON.parse(text)).toMatchObject({ a: "[redacted] on [redacted]", b: "[redacted]" });
});

test.each([
  ["ticket=(", /ticket is not valid in the syntax of RE2/],
  ["ok=a\nlookahead=(?=a)b", /lookahead is not valid/],
  ["back=(a)\\1", /back is not valid/],
  ["huge=(a{1000}){1000}", /huge is not valid/],
  [`deep=${"(".repeat(2_000)}`, /deep is longer than 500/],
  ["nothing=x*", /nothing matches where nothing is/],
  ["empty=", /empty matches where nothing is/],
  ["a=b\na=c", /has a twice/],
  ["Name=x", /line 1 must look like/],
  ["no pattern", /line 1 must look like/],
  [Array.from({ length: 51 }, (_, n) => `p${n}=x`).join("\n"), /at most 50 patterns/],
])("the pattern %j is refused by its name, without being told", (text, message) => {
  const read = readRedactPatterns(text);
  expect(read).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  expect(read.ok ? "" : read.message).not.toContain("{1000}");
});

test("what hangs an engine that tries again and again is gone through once", () => {
  const bombs = ["a=(a+)+$", "b=(x+x+)+y", "c=(.*)*z", "d=(a|aa)+b", "e=([a-z]+)*!"].join("\n");
  const long = "a".repeat(50_000) + "x".repeat(50_000);
  expect(logged({ long }, "x", bombs).length).toBeGreaterThan(50_000);
  // Beginnings of what is known, again and again.
  for (const begin of [
    "-----BEGIN PRIVATE KEY",
    "eyJaaaaaa.",
    "Bearer ",
    "x://a:",
    "lml_aaaaaa.",
  ]) {
    expect(logged({ long: begin.repeat(5_000) }, "x")).toContain("x");
  }
});

import { RE2JS } from "re2js";
import { knownSecrets, secretFieldName } from "./known-secrets.ts";
import type { RedactPattern } from "./redact-patterns.ts";

/**
 * Stands before every sink of the log, of hub and worker alike: each line is taken apart, each text in it goes
 * through one expression of all patterns, and fields with telling names are hidden whole. The last net, not
 * the first: nobody is to log these in the first place.
 */
export interface Redactor {
  /** A line of JSON; one that is none is treated as text. */
  line(line: string): string;
  text(text: string): string;
}

const marker = "[redacted]";
const hidden = "[hidden]";
const maxDepth = 16;
const signs = new RegExp(knownSecrets.map(({ sign }) => sign.source).join("|"), "i");
/** A name in JSON that may be one of those. */
const suspiciousName = /(?:token|password|passphrase|secret|key|pepper|authorization|cookie)s?":/i;

export function makeRedactor(patterns: readonly RedactPattern[]): Redactor {
  // Compiled when something first looks like one: most lines have nothing to hide, and most commands no log.
  let expression: RE2JS | null = null;

  function text(given: string): string {
    if (patterns.length === 0 && !signs.test(given)) return given;
    expression ??= RE2JS.compile(
      [...knownSecrets, ...patterns].map(({ pattern }) => `(?:${pattern})`).join("|"),
    );
    return expression.matcher(given).replaceAll(marker);
  }

  function walk(value: unknown, depth: number): unknown {
    if (typeof value === "string") return text(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth > maxDepth) return marker;
    if (Array.isArray(value)) return value.map((each) => walk(each, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        text(name),
        secretFieldName.test(name) ? hidden : walk(each, depth + 1),
      ]),
    );
  }

  return {
    text,
    line(line) {
      if (patterns.length === 0 && !signs.test(line) && !suspiciousName.test(line)) return line;
      const [body = "", end = ""] = line.endsWith("\n") ? [line.slice(0, -1), "\n"] : [line];
      let fields: unknown;
      try {
        fields = JSON.parse(body);
      } catch {
        return text(body) + end;
      }
      return JSON.stringify(walk(fields, 0)) + end;
    },
  };
}

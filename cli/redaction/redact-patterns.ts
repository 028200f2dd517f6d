import { RE2JS } from "re2js";

/**
 * What an operator wants to be hidden besides: one `name=pattern` a line, in the syntax of RE2. That engine
 * goes through a text once whatever the pattern is: it has no pattern that hangs it, and refuses what it could
 * not do so (lookaround, back references, huge repeats).
 */
export interface RedactPattern {
  readonly name: string;
  readonly pattern: string;
}

export type ReadPatterns =
  | { readonly ok: true; readonly patterns: readonly RedactPattern[] }
  /** Says which pattern is wrong by its name, and never what stands in it. */
  | { readonly ok: false; readonly message: string };

const maxPatterns = 50;
const maxPatternLength = 500;

export function readRedactPatterns(text: string): ReadPatterns {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > maxPatterns) return refused(`must be at most ${maxPatterns} patterns`);
  const patterns: RedactPattern[] = [];
  for (const [index, line] of lines.entries()) {
    const [, name = "", pattern = ""] = /^\s*([a-z][a-z0-9_-]{0,31})=(.*?)\s*$/.exec(line) ?? [];
    if (name === "") {
      return refused(
        `line ${index + 1} must look like ticket=TCK-[0-9]+, its name in small letters`,
      );
    }
    if (patterns.some((each) => each.name === name)) return refused(`has ${name} twice`);
    const problem = findProblem(pattern);
    if (problem !== null) return refused(`has a pattern that cannot be used: ${name} ${problem}`);
    patterns.push({ name, pattern });
  }
  return { ok: true, patterns };
}

function findProblem(pattern: string): string | null {
  if (pattern.length > maxPatternLength) return `is longer than ${maxPatternLength} characters`;
  try {
    const compiled = RE2JS.compile(pattern);
    return compiled.matcher("").find() ? "matches where nothing is" : null;
  } catch {
    return "is not valid in the syntax of RE2";
  }
}

function refused(message: string): ReadPatterns {
  return { ok: false, message };
}

/** The command line with one spelling for everything, and what it asks for besides a command. */
export interface NormalArguments {
  tokens: string[];
  asksFor: "help" | "version" | undefined;
}

/**
 * Makes the several ways to type the same thing one, before the parser sees them:
 * `-listen` is `--listen`, and `-h`, `-help`, `--help` or `help` asks for help at every level.
 * The value behind a flag that takes one is never touched, nor is anything behind a bare `--`.
 */
export function normaliseArguments(
  argv: readonly string[],
  takesValue: (flag: string) => boolean,
): NormalArguments {
  const tokens: string[] = [];
  const asked = new Set<string>();
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? "";
    if (token === "--") {
      tokens.push(...argv.slice(i));
      break;
    }
    const long = /^-[A-Za-z][A-Za-z-]+(?:=|$)/.test(token) ? `-${token}` : token;
    if (["-h", "--help", "help"].includes(long)) {
      asked.add("help");
      continue;
    }
    if (long === "--version") {
      const number = argv[i + 1] ?? "";
      if (!/^\d+$/.test(number) || !takesValue(long)) {
        asked.add("version");
        continue;
      }
      // Of a key (`encryption-key remove --version 2`); in one word, or the parser takes it for the one above.
      tokens.push(`${long}=${number}`);
      i += 1;
      continue;
    }
    tokens.push(long);
    const value = argv[i + 1];
    if (value !== undefined && takesValue(long)) {
      tokens.push(value);
      i += 1;
    }
  }
  const asksFor = asked.has("help") ? "help" : asked.has("version") ? "version" : undefined;
  return { tokens, asksFor };
}

/**
 * How hard a new password is to guess, as advice while it is typed. The hub decides what is allowed;
 * this only helps to choose. Counted are letters that surprise: runs, repetitions and the names that
 * somebody would try first count little.
 */
export interface PasswordEstimate {
  /** 0 to 4. */
  readonly score: 0 | 1 | 2 | 3 | 4;
  readonly text: string;
}

export const leastPasswordLength = 8;
export const mostPasswordLength = 128;

const texts = [
  "Easily guessed. Three or four unrelated words are strong and easy to keep.",
  "Weak. Make it longer: three or four unrelated words do.",
  "Fair. A few more characters make it good.",
  "Good.",
  "Strong.",
] as const;

const obvious = ["password", "passwort", "qwerty", "letmein", "welcome", "leapmux", "admin"];

/** `names`: what others know of this person. */
export function estimatePassword(
  password: string,
  names: readonly string[] = [],
): PasswordEstimate | undefined {
  const length = [...password].length;
  if (length === 0) return undefined;
  if (length < leastPasswordLength) {
    return { score: 0, text: `Too short: at least ${leastPasswordLength} characters.` };
  }
  const bits = surprise(withoutNames(password, names));
  const score = bits < 25 ? 0 : bits < 38 ? 1 : bits < 50 ? 2 : bits < 65 ? 3 : 4;
  return { score, text: texts[score] };
}

/** A known name is worth one letter. */
function withoutNames(password: string, names: readonly string[]): string {
  let rest = password.toLowerCase();
  let isChanged = false;
  for (const name of [...obvious, ...names.map((each) => each.toLowerCase())]) {
    if (name.length < 3 || !rest.includes(name)) continue;
    rest = rest.replaceAll(name, name[0]!);
    isChanged = true;
  }
  return isChanged ? rest : password;
}

function surprise(text: string): number {
  const chars = [...text];
  let kinds = 0;
  if (/[a-z]/.test(text)) kinds += 26;
  if (/[A-Z]/.test(text)) kinds += 26;
  if (/\d/.test(text)) kinds += 10;
  if (/[^a-zA-Z0-9]/.test(text)) kinds += 33;
  const perChar = Math.log2(Math.max(kinds, 2));
  // No language is random: letters within words are worth less than the first ones.
  let bits = 0;
  const seen = new Set<string>();
  chars.forEach((char, index) => {
    const step = index === 0 ? undefined : char.codePointAt(0)! - chars[index - 1]!.codePointAt(0)!;
    const follows = step !== undefined && Math.abs(step) <= 1;
    const again = seen.has(char);
    seen.add(char);
    bits += perChar * (follows ? 0.15 : again ? 0.45 : 0.8);
  });
  return bits;
}

import { CommandError } from "../command-error.ts";

/** The flags that were typed behind a command, by their name without the dashes. */
export interface AdminFlags {
  has(name: string): boolean;
  text(name: string): string | undefined;
  required(name: string): string;
  /** Exactly one of two: neither or both is a mistake. */
  oneOf(first: string, second: string): { readonly name: string; readonly text: string };
  /** A whole number within the bounds. */
  count(
    name: string,
    bounds: { readonly least: number; readonly most: number },
  ): number | undefined;
  /** As they were typed, without those named. */
  typed(without: readonly string[]): readonly string[];
}

export function makeAdminFlags(given: ReadonlyMap<string, string | true>): AdminFlags {
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    return value === true ? undefined : value;
  };

  return {
    has: (name) => given.has(name),
    text,
    required(name) {
      const value = text(name);
      if (value === undefined || value === "") {
        throw new CommandError("usage", `--${name} is missing`);
      }
      return value;
    },
    oneOf(first, second) {
      const found = [first, second].flatMap((name) => {
        const value = text(name);
        return value === undefined ? [] : [{ name, text: value }];
      });
      const [only] = found;
      if (only === undefined) {
        throw new CommandError("usage", `neither --${first} nor --${second} is given: exactly one`);
      }
      if (found.length > 1) {
        throw new CommandError("usage", `both --${first} and --${second} are given: exactly one`);
      }
      if (only.text === "") throw new CommandError("usage", `--${only.name} is empty`);
      return only;
    },
    count(name, { least, most }) {
      const value = text(name);
      if (value === undefined) return undefined;
      const count = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (count >= least && count <= most) return count;
      throw new CommandError("usage", `--${name} must be a number from ${least} to ${most}`);
    },
    typed: (without) =>
      [...given]
        .filter(([name]) => !without.includes(name))
        .flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, quote(value)])),
  };
}

/** So that a shell takes it for one word again. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

import { createRequire } from "node:module";
import type * as LanguageCommon from "@zxcvbn-ts/language-common";

/**
 * What a password must be: 8 to 128 characters, none of the most common ones, not the user name. No rules
 * about kinds of characters, which only lead to "Password1!" (NIST SP 800-63B).
 */
export type PasswordCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string };

const leastLength = 8;
const mostLength = 128;

/** Before anything is done with it, UTF-16 units: enough for 128 characters of any script. */
const mostUnits = 1024;

export function checkPassword(
  password: string,
  { username }: { readonly username: string },
): PasswordCheck {
  if (password.length > mostUnits || !password.isWellFormed()) return wrongLength;
  const normal = password.normalize("NFKC");
  const { length } = Array.from(normal);
  if (length < leastLength || length > mostLength) return wrongLength;
  const folded = normal.toLowerCase();
  if (folded === username.normalize("NFKC").toLowerCase()) {
    return { ok: false, message: "the password must not be the user name: choose another one" };
  }
  if (readCommonPasswords().has(folded)) {
    return {
      ok: false,
      message: "this password is among the most common ones: choose another one",
    };
  }
  return { ok: true };
}

const wrongLength: PasswordCheck = {
  ok: false,
  message: `the password must have ${leastLength} to ${mostLength} characters`,
};

let common: ReadonlySet<string> | undefined;

/** Some 18,000 in lower case. Read at first use: a hub rarely needs them, and they take 100 ms to unpack. */
function readCommonPasswords(): ReadonlySet<string> {
  if (common === undefined) {
    const require = createRequire(import.meta.url);
    const { dictionary } = require("@zxcvbn-ts/language-common") as typeof LanguageCommon;
    common = new Set(
      dictionary["passwords-common"].filter((password) => password.length >= leastLength),
    );
  }
  return common;
}

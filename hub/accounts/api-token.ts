import type { Random } from "@leapmux/shared/platform/platform.ts";

/**
 * `lmx_a<id>_<secret>`, the access token, and `lmx_r<id>_<secret>`, which brings the next one: 128 bits that
 * name the row, 256 that prove it. The form is fixed, so that what cannot be one costs neither a hash nor a
 * look into the database.
 */
export type ApiTokenPart = "access" | "refresh";

const letters = { access: "a", refresh: "r" } as const;
const form = /^lmx_([ar])([\w-]{22})_([\w-]{43})$/;

export function makeApiToken(random: Random, part: ApiTokenPart, tokenId: string): string {
  const secret = Buffer.from(random(32)).toString("base64url");
  return `lmx_${letters[part]}${tokenId.slice("tok_".length)}_${secret}`;
}

/** The id of its row; null: it cannot be one. */
export function readApiToken(text: string, part: ApiTokenPart): string | null {
  const found = form.exec(text);
  return found?.[1] === letters[part] ? `tok_${found[2]}` : null;
}

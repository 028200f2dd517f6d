import { refuse } from "./refusal.ts";

/**
 * Lists that are given page by page say where the next one begins. Callers hand it back as it is: it is
 * the key that the page ended with, which is no secret to who may read the list, and is looked at again.
 */
export function pageTokenOf(lastKey: string): string {
  return Buffer.from(lastKey, "utf8").toString("base64url");
}

/** The key that the page comes after; "" for the first page. */
export function requirePageToken(token: string, isKey: (text: string) => boolean): string {
  if (token === "") return "";
  const key =
    token.length <= maxTokenLength ? Buffer.from(token, "base64url").toString("utf8") : "";
  if (isKey(key) && pageTokenOf(key) === token) return key;
  throw refuse(
    "invalid_request",
    "page_token is not one that this list gave: start from the first page",
  );
}

const maxTokenLength = 256;

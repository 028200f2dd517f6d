import { doorOf } from "./choose-page.ts";

/**
 * What came behind the # of a page that takes a secret there, which is in the address no longer than
 * it takes to read it: not in the history, not in a bookmark, not for whoever looks at the screen.
 */
export function takeFragment(
  at: Pick<Location, "pathname" | "hash"> = location,
  past: Pick<History, "replaceState"> = history,
): string {
  if (doorOf(at.pathname) === undefined || at.hash === "") return "";
  const text = at.hash.slice(1);
  past.replaceState(null, "", at.pathname);
  // Tokens and codes are made of these; whatever else somebody put there is nothing of ours.
  return /^[\w-]{1,128}$/.test(text) ? text : "";
}

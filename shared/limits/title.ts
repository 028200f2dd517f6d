export type TitleVerdict =
  | { readonly ok: true; readonly title: string }
  | { readonly ok: false; readonly why: "length" | "control" };

/** Characters of a title, as people count them. */
export const maxTitleLength = 128;

/**
 * What people see in a list: 1 to 128 characters, nothing that steers a terminal or turns text around. The hub
 * asks for it; whoever takes a name from a person asks first, so that they hear what is wrong.
 */
export function checkTitle(text: string): TitleVerdict {
  const title = text.trim();
  const { length } = Array.from(title);
  if (length < 1 || length > maxTitleLength) return { ok: false, why: "length" };
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(title)) {
    return { ok: false, why: "control" };
  }
  return { ok: true, title };
}

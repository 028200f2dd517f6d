/** Names that no stranger may bear: `solo` is whoever owns the host, `admin` only who sets the hub up. */
const reserved: ReadonlySet<string> = new Set(["admin", "solo"]);

export type UsernameCheck =
  | { readonly ok: true; readonly username: string }
  | { readonly ok: false; readonly message: string };

/** In lower case, 1 to 32 of a-z, 0-9 and single hyphens inside. */
export function checkUsername(
  text: string,
  { isFirst }: { readonly isFirst: boolean },
): UsernameCheck {
  const username = normaliseUsername(text);
  if (!isUsername(username)) {
    return {
      ok: false,
      message: "a user name has 1 to 32 of a-z, 0-9 and single hyphens between them",
    };
  }
  if (reserved.has(username) && !(isFirst && username === "admin")) {
    return { ok: false, message: "this user name is reserved: choose another one" };
  }
  return { ok: true, username };
}

export function isUsername(text: string): boolean {
  return text.length <= 32 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

/** As it is stored and looked up. */
export function normaliseUsername(text: string): string {
  return text.trim().toLowerCase();
}

/**
 * Where somebody goes on after a sign-in: a page of ours by its path alone, or the first one. Nothing that a
 * browser could read as another host, and nothing with a query or a fragment.
 */
export function returnPathOf(text: string | null): string {
  const isPage =
    text !== null && text.length <= 200 && /^\/(?:[\w-]+(?:\/[\w-]+)*)?\/?$/.test(text);
  return isPage && text !== "/sign-in" && !text.startsWith("/auth") ? text : "/";
}

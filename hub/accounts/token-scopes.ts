/**
 * What an API token may be allowed. A closed list: what is not named here does not exist, what a token was
 * not given it may not do, and each call says what it needs (hub/rpc/method-scopes). To the hub a channel is
 * one thing: what runs inside is sealed, so whoever may open one may do there what a terminal can.
 */
export const tokenScopes = {
  read: "See workers, workspaces, tabs and the account",
  terminal: "Open channels to workers: a shell there, with all that it can reach",
  workspaces: "Make, change and delete workspaces and tabs",
  workers: "Register, rename and deregister workers",
  devices: "Carry grants, revocations and approval requests of devices",
  admin: "Whatever an admin of the hub may do, for as long as the owner is one",
} as const;

export type TokenScope = keyof typeof tokenScopes;

function isTokenScope(text: string): text is TokenScope {
  return Object.hasOwn(tokenScopes, text);
}

/** Each once and in the order of the list; null: none at all, or one that does not exist. */
export function checkScopes(given: readonly string[]): readonly TokenScope[] | null {
  if (given.length === 0 || !given.every(isTokenScope)) return null;
  return (Object.keys(tokenScopes) as TokenScope[]).filter((scope) => given.includes(scope));
}

export function encodeScopes(scopes: readonly TokenScope[]): string {
  return scopes.join(",");
}

/** A name that this version does not know allows nothing. */
export function decodeScopes(text: string): readonly TokenScope[] {
  return text.split(",").filter(isTokenScope);
}

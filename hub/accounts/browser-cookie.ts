/**
 * A cookie that carries a secret of a browser. No script can read it, no other site's page can have it sent
 * with a call (SameSite), and where the hub is reached by https no neighbour on the same domain and nobody
 * on the way can set it (`__Host-`, RFC 6265bis §4.1.3).
 */
export interface BrowserCookie {
  readonly name: string;
  /** As `set-cookie` wants it. */
  set(token: string): string;
  clear(): string;
  /** Null: none, or several that differ, so that nobody can tell which of them was given by us. */
  read(cookieHeader: string | null): string | null;
  /** Whether there is one at all, of whatever worth. */
  isIn(cookieHeader: string | null): boolean;
}

export function makeBrowserCookie(options: {
  readonly name: string;
  readonly maxAgeSeconds: number;
  readonly isSecure: boolean;
}): BrowserCookie {
  const { isSecure, maxAgeSeconds } = options;
  const name = isSecure ? `__Host-${options.name}` : options.name;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;

  function valuesIn(cookieHeader: string | null): ReadonlySet<string> {
    const values = new Set<string>();
    for (const part of (cookieHeader ?? "").split(";")) {
      const at = part.indexOf("=");
      if (at > 0 && part.slice(0, at).trim() === name) values.add(part.slice(at + 1).trim());
    }
    return values;
  }

  return {
    name,
    set: (token) => `${name}=${token}; Max-Age=${maxAgeSeconds}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
    read(cookieHeader) {
      const values = valuesIn(cookieHeader);
      const [value] = values;
      return values.size === 1 && value !== undefined && value !== "" ? value : null;
    },
    isIn: (cookieHeader) => valuesIn(cookieHeader).size > 0,
  };
}

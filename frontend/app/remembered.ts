/**
 * What this browser remembers of where the user was. Never contents: ids, and how the window is
 * arranged. A browser that forbids storage forgets, and nothing else changes.
 */
const prefix = "leapmux:";

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Storage full or forbidden: the next visit starts without it.
  }
}

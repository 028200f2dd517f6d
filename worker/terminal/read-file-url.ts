/** The path of a file URL as programs tell it (OSC 7); `null` for anything else. */
export function readFileUrl(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "file:" || parsed.pathname.length > 4096) return null;
  try {
    const path = decodeURIComponent(parsed.pathname);
    return path.includes("\0") ? null : path;
  } catch {
    return null;
  }
}

/**
 * Links in a terminal are written by whatever runs there: they open only on purpose, with the
 * modifier held, only to the web, and without a way back to this page.
 */
export function isWebLink(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol } = new URL(uri);
  return protocol === "https:" || protocol === "http:";
}

export function openLink(event: MouseEvent, uri: string, stickyCtrl: boolean): void {
  const modifier = event.ctrlKey || event.metaKey || stickyCtrl;
  if (!modifier || !isWebLink(uri)) return;
  window.open(uri, "_blank", "noopener,noreferrer");
}

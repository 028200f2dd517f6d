/**
 * A step of a dialog that goes away takes the focus with it, to the body: the next Tab would begin at the browser,
 * and a reader of the screen would hear nothing. Then the dialog itself takes it, so that Tab goes to what is there now.
 * Returns what stops it.
 */
export function holdFocus(content: HTMLElement): () => void {
  const observer = new MutationObserver((mutations) => {
    if (content.ownerDocument.activeElement !== content.ownerDocument.body) return;
    if (mutations.some(({ removedNodes }) => removedNodes.length > 0)) content.focus();
  });
  observer.observe(content, { childList: true, subtree: true });
  return () => observer.disconnect();
}

/** Notes where the focus is; the returned function brings it back, if that place is still there. */
export function keepFocus(): () => void {
  const before = document.activeElement;
  return () => {
    const now = document.activeElement;
    // Somebody took it on purpose meanwhile.
    if (now && now !== document.body && now.checkVisibility()) return;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
}

import { onCleanup } from "solid-js";

const controls = ":is(input:not([tabindex='-1']), select, textarea, button):not(:disabled)";

/**
 * What has the focus may go away with the step that it belonged to, or be switched off: then the first
 * control of what took its place has it, so that a keyboard goes on where it was. The panel itself can
 * be focused, for when nothing in it can.
 */
export function keepFocusWithin(panel: HTMLElement): void {
  let part: Element = panel;
  const note = (event: FocusEvent) => {
    if (event.target instanceof Element) part = event.target.closest("li, section") ?? panel;
  };
  const observer = new MutationObserver(() => {
    const now = document.activeElement;
    // Somebody else has it, on purpose.
    const isHeld = now && now !== document.body && !now.contains(panel);
    if (isHeld && !now.matches(":disabled")) return;
    while (!part.isConnected || !part.querySelector(controls)) {
      const around = part.parentElement?.closest("section");
      if (!around || !panel.contains(around)) {
        part = panel;
        break;
      }
      part = around;
    }
    (part.querySelector<HTMLElement>(controls) ?? panel).focus();
  });
  panel.addEventListener("focusin", note);
  observer.observe(panel, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
  onCleanup(() => {
    observer.disconnect();
    panel.removeEventListener("focusin", note);
  });
}

/** The areas of the window in the order in which F6 visits them; marked with `data-area`. */
const order = ["sidebar", "tabs", "terminal", "status"];

const focusable =
  '[aria-current="page"], [role="tab"][tabindex="0"], a[href], button:not(:disabled), [tabindex="0"]';

export function focusNextArea(focusTerminal: () => void): void {
  const areas = order.flatMap((name) => {
    const area = document.querySelector<HTMLElement>(`[data-area="${name}"]`);
    return area && area.checkVisibility() && !area.closest("[inert]") ? [area] : [];
  });
  const now = areas.findIndex((area) => area.contains(document.activeElement));
  for (let step = 1; step <= areas.length; step += 1) {
    const area = areas[(now + step) % areas.length]!;
    if (area.dataset["area"] === "terminal") {
      focusTerminal();
      if (area.contains(document.activeElement)) return;
    }
    const targets = [...area.querySelectorAll<HTMLElement>(focusable)];
    const target =
      targets.find((each) => each.matches('[aria-current="page"], [role="tab"]')) ?? targets[0];
    if (!target) continue;
    target.focus();
    return;
  }
}

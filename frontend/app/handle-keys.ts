import { onCleanup, onMount } from "solid-js";
import { isMac } from "../ui/key-chord.ts";
import { isMenuOpen } from "../ui/menu.tsx";
import type { Actions } from "./actions.ts";
import { findAction } from "./find-action.ts";

/** Before the terminal and every control: a key that is ours goes no further. */
export function useActionKeys(actions: Actions, isBlocked: () => boolean): void {
  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented || isBlocked() || isMenuOpen()) return;
    const target = event.target instanceof Element ? event.target : undefined;
    const inTerminal = target?.closest("[data-terminal]") != null;
    const action = findAction(actions.all, event, {
      inTerminal,
      inField:
        !inTerminal && target?.matches("input, textarea, select, [contenteditable]") === true,
      isMac,
    });
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && !action.repeats) return;
    if (action.when()) action.run();
  }
  onMount(() => window.addEventListener("keydown", onKeyDown, { capture: true }));
  onCleanup(() => window.removeEventListener("keydown", onKeyDown, { capture: true }));
}

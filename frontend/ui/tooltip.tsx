import { createEffect, createSignal, onCleanup, onMount, Show } from "solid-js";
import { KeyCap } from "./key-cap.tsx";
import "./tooltip.css";

/**
 * One tooltip for the whole page: what carries `data-tooltip` (and `data-tooltip-keys`) gets it on
 * hover after a moment, at once when another one was just shown, and on keyboard focus. It repeats
 * what the element's name says already, so screen readers need not hear it.
 */
const waitMs = 450;
const warmMs = 400;

interface Shown {
  text: string;
  keys: string | undefined;
  anchor: DOMRect;
}

export function TooltipHost() {
  const [shown, setShown] = createSignal<Shown>();
  const [place, setPlace] = createSignal({ left: 0, top: 0 });
  let element: HTMLDivElement | undefined;
  let owner: Element | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hiddenAtMs = -Infinity;

  function hide(): void {
    clearTimeout(timer);
    owner = undefined;
    if (shown()) hiddenAtMs = performance.now();
    setShown(undefined);
  }

  function show(target: HTMLElement): void {
    const text = target.dataset["tooltip"];
    if (!text || !target.isConnected) return;
    const anchor = target.getBoundingClientRect();
    setShown({ text, keys: target.dataset["tooltipKeys"], anchor });
  }

  // The focus may move in the middle of a change of the page: measured once the text is there.
  createEffect(() => {
    const anchor = shown()?.anchor;
    const size = element?.getBoundingClientRect();
    if (!anchor || !size) return;
    const below = anchor.bottom + 6 + size.height < innerHeight;
    const left = anchor.left + anchor.width / 2 - size.width / 2;
    setPlace({
      left: Math.max(6, Math.min(left, innerWidth - size.width - 6)),
      top: below ? anchor.bottom + 6 : anchor.top - size.height - 6,
    });
  });

  function aim(event: Event, atOnce: boolean): void {
    // Whoever writes into a field in its place needs no name for that place.
    const target =
      event.target instanceof Element && !event.target.matches("input, textarea")
        ? event.target.closest<HTMLElement>("[data-tooltip]")
        : null;
    if (target === owner) return;
    hide();
    if (!target) return;
    owner = target;
    const warm = performance.now() - hiddenAtMs < warmMs;
    if (atOnce || warm) show(target);
    else timer = setTimeout(() => show(target), waitMs);
  }

  const onPointer = (event: PointerEvent) => {
    if (event.pointerType === "mouse") aim(event, false);
  };
  const onFocus = (event: FocusEvent) => {
    if (event.target instanceof Element && event.target.matches(":focus-visible")) aim(event, true);
  };

  onMount(() => {
    const listening = new AbortController();
    const options = { signal: listening.signal, capture: true, passive: true };
    document.addEventListener("pointerover", onPointer, options);
    document.addEventListener("focusin", onFocus, options);
    document.addEventListener("focusout", hide, options);
    document.addEventListener("pointerdown", hide, options);
    document.addEventListener("keydown", hide, options);
    document.addEventListener("scroll", hide, options);
    document.documentElement.addEventListener("pointerleave", hide, options);
    onCleanup(() => {
      listening.abort();
      clearTimeout(timer);
    });
  });

  return (
    <Show when={shown()}>
      {(now) => (
        <div
          ref={element}
          class="tooltip"
          aria-hidden="true"
          style={{ left: `${place().left}px`, top: `${place().top}px` }}
        >
          {now().text}
          <Show when={now().keys}>{(keys) => <KeyCap chord={keys()} />}</Show>
        </div>
      )}
    </Show>
  );
}

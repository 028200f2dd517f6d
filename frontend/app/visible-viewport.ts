import { onCleanup } from "solid-js";

/** CSS pixels; bars of the browser that come and go are lower. */
const leastKeyboardHeight = 120;

/**
 * The on-screen keyboard shrinks what can be seen, not the page: the app follows what can be seen,
 * so that the prompt and the key row stay above the keyboard.
 */
export function fitToVisibleViewport(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  // A keyboard of the screen takes away height and leaves the width.
  let tallest = { width: 0, height: 0 };
  const fit = () => {
    // Zoomed in by hand: the page keeps its size and is panned.
    if (viewport.scale > 1.01) return;
    const root = document.documentElement;
    root.style.setProperty("--app-height", `${viewport.height}px`);
    root.style.setProperty("--app-top", `${viewport.offsetTop}px`);
    const isTurned = viewport.width !== tallest.width;
    if (isTurned || viewport.height > tallest.height) {
      tallest = { width: viewport.width, height: viewport.height };
    }
    root.toggleAttribute(
      "data-keyboard-open",
      tallest.height - viewport.height > leastKeyboardHeight,
    );
  };
  fit();
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  onCleanup(() => {
    viewport.removeEventListener("resize", fit);
    viewport.removeEventListener("scroll", fit);
  });
}

import type { Terminal } from "@xterm/xterm";

/** A tap trembles: movement below this many pixels is none. */
const tapPixels = 6;

/**
 * xterm scrolls by wheel only. A finger that moves scrolls the lines under it; in full-screen programs
 * and mouse modes it becomes wheel events of the same distance, which xterm turns into what they expect.
 */
export function scrollByTouch(term: Terminal, container: HTMLElement): () => void {
  let lastY: number | undefined;
  let moved = false;
  let restPixels = 0;

  function start(event: TouchEvent): void {
    lastY = event.touches.length === 1 ? event.touches[0]!.clientY : undefined;
    moved = false;
    restPixels = 0;
  }

  function move(event: TouchEvent): void {
    const touch = event.touches[0];
    if (lastY === undefined || event.touches.length !== 1 || !touch) return;
    const deltaY = lastY - touch.clientY;
    if (!moved && Math.abs(deltaY) < tapPixels) return;
    moved = true;
    lastY = touch.clientY;
    if (event.cancelable) event.preventDefault();
    const isProgramScrolling =
      term.buffer.active.type === "alternate" || term.modes.mouseTrackingMode !== "none";
    if (isProgramScrolling) wheel(touch, deltaY);
    else scroll(deltaY);
  }

  function scroll(deltaY: number): void {
    const screen = term.element?.querySelector(".xterm-screen");
    const linePixels = (screen?.clientHeight ?? 0) / term.rows || 16;
    restPixels += deltaY;
    const lines = Math.trunc(restPixels / linePixels);
    if (lines === 0) return;
    restPixels -= lines * linePixels;
    term.scrollLines(lines);
  }

  function wheel({ clientX, clientY, target }: Touch, deltaY: number): void {
    const init = { deltaY, clientX, clientY, bubbles: true, cancelable: true };
    target.dispatchEvent(new WheelEvent("wheel", init));
  }

  function end(): void {
    lastY = undefined;
  }

  container.addEventListener("touchstart", start, { passive: true });
  container.addEventListener("touchmove", move, { passive: false });
  container.addEventListener("touchend", end);
  container.addEventListener("touchcancel", end);
  return () => {
    container.removeEventListener("touchstart", start);
    container.removeEventListener("touchmove", move);
    container.removeEventListener("touchend", end);
    container.removeEventListener("touchcancel", end);
  };
}

import type { Terminal } from "@xterm/xterm";
import { adoptStyles } from "./adopt-styles.ts";

/**
 * The WebGL renderer, loaded after the first picture. Browsers allow few contexts per page and take
 * them back when the graphics driver restarts: xterm's DOM renderer is there from the start and draws
 * then. A hidden view keeps its context, so that showing it again costs nothing, until one that is
 * shown needs it.
 */
const maxContexts = 8;
/** From the first output to loading, so that the first prompt waits for nothing. */
const settleMs = 500;
/** Views with a context, the one that was shown longest ago first. */
const holders: { isShown(): boolean; drop(): void }[] = [];

export interface WebglDrawing {
  show(): void;
  hide(): void;
  dispose(): void;
}

export function makeWebglDrawing(
  term: Terminal,
  onRenderer: (name: "webgl" | "dom") => void,
): WebglDrawing {
  let release: (() => void) | undefined;
  let shown = false;
  let failed = false;
  /** Something was drawn: now there is time to load. */
  let drawn = false;
  const holder = { isShown: () => shown, drop };

  function drop(): void {
    const dropped = release;
    release = undefined;
    dropped?.();
  }

  function leaveHolders(): void {
    const index = holders.indexOf(holder);
    if (index >= 0) holders.splice(index, 1);
  }

  async function load(): Promise<void> {
    const loading = import("@xterm/addon-webgl");
    // Where the hub is away xterm's own renderer goes on; showing the view again tries again.
    const loaded = await loading.catch(() => undefined);
    if (!loaded) return;
    const { WebglAddon } = loaded;
    if (!shown || release || failed) return;
    if (holders.length >= maxContexts) holders.find((other) => !other.isShown())?.drop();
    if (holders.length >= maxContexts) return;
    const addon = new WebglAddon();
    release = () => {
      leaveHolders();
      // xterm makes its DOM renderer anew.
      adoptStyles(() => addon.dispose());
      onRenderer("dom");
    };
    holders.push(holder);
    addon.onContextLoss(drop);
    try {
      term.loadAddon(addon);
      onRenderer("webgl");
    } catch {
      failed = true;
      drop();
    }
  }

  function start(): void {
    if (!drawn || !shown || failed) return;
    load().catch(() => {
      failed = true;
    });
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const firstWrite = term.onWriteParsed(() => {
    firstWrite.dispose();
    timer = setTimeout(() => {
      drawn = true;
      start();
    }, settleMs);
  });

  return {
    show() {
      shown = true;
      if (!release) return start();
      leaveHolders();
      holders.push(holder);
    },
    hide() {
      shown = false;
    },
    dispose() {
      shown = false;
      clearTimeout(timer);
      drop();
    },
  };
}

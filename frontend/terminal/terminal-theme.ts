import type { ITheme } from "@xterm/xterm";
import type { TerminalColours } from "@leapmux/shared/terminal/attachment.ts";

/**
 * The terminal's colours. Surface, text and selection are the interface's own tokens, read at
 * runtime so that the high-contrast set applies; the sixteen ANSI colours are chosen for them.
 */
// In the order of the palette.
const dark = {
  black: "#2e333d",
  red: "#f07a85",
  green: "#8ecf8a",
  yellow: "#e4c170",
  blue: "#7facf8",
  magenta: "#cb9df2",
  cyan: "#6ecad4",
  white: "#c8cedb",
  brightBlack: "#7f8899",
  brightRed: "#ff9ea6",
  brightGreen: "#aee7a8",
  brightYellow: "#f6dc9c",
  brightBlue: "#a8c7ff",
  brightMagenta: "#e0c0ff",
  brightCyan: "#9ae4eb",
  brightWhite: "#f3f5f9",
} satisfies ITheme;

const light = {
  black: "#23272f",
  red: "#b8243a",
  green: "#1c7438",
  yellow: "#7f5a00",
  blue: "#1d5cc2",
  magenta: "#8439b0",
  cyan: "#0d6d80",
  white: "#e3e6eb",
  brightBlack: "#5b6472",
  brightRed: "#d33f54",
  brightGreen: "#2b8a48",
  brightYellow: "#966c00",
  brightBlue: "#3a76da",
  brightMagenta: "#9d54c8",
  brightCyan: "#1b8498",
  brightWhite: "#f6f7f9",
} satisfies ITheme;

export function readTerminalTheme(side: "light" | "dark", element: HTMLElement): ITheme {
  const background = readColor(element, "--surface-base", side === "dark" ? "#16181d" : "#fdfdfe");
  const foreground = readColor(element, "--text-normal", side === "dark" ? "#d3d7df" : "#30353f");
  const accent = readColor(element, "--accent", side === "dark" ? "#7facf8" : "#1d5cc2");
  const strong = readColor(element, "--text-strong", foreground);
  return {
    ...(side === "dark" ? dark : light),
    background,
    foreground,
    cursor: strong,
    cursorAccent: background,
    selectionBackground: accent + "59",
    selectionInactiveBackground: accent + "33",
    scrollbarSliderBackground: foreground + "33",
    scrollbarSliderHoverBackground: foreground + "59",
    scrollbarSliderActiveBackground: foreground + "73",
  };
}

/** The same as numbers, for the programs that ask. */
export function terminalColours(theme: ITheme): TerminalColours {
  const read = (hex: string | undefined) => Number.parseInt((hex ?? "#000000").slice(1, 7), 16);
  return {
    foreground: read(theme.foreground),
    background: read(theme.background),
    cursor: read(theme.cursor),
    palette: (Object.keys(dark) as (keyof typeof dark)[]).map((name) => read(theme[name])),
  };
}

/** What matches of a search look like; the addon takes opaque colours only. */
export function readSearchColors(element: HTMLElement): { match: string; active: string } {
  return {
    match: readColor(element, "--warn-line", "#c9952d"),
    active: readColor(element, "--accent", "#7facf8"),
  };
}

/** A token as #rrggbb: tokens are oklch() inside light-dark(), which xterm does not read. */
function readColor(element: HTMLElement, token: string, fallback: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token}, ${fallback})`;
  element.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return fallback;
  context.fillStyle = fallback;
  context.fillStyle = computed;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  if (alpha === 0) return fallback;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Key chords as text: "Mod+Shift+P", "Alt+Shift+ArrowLeft", "F2", "?". `Mod` is Command on a Mac
 * and Control elsewhere. Letters, digits and brackets are matched by their place on the keyboard, so
 * that Option on a Mac or another layout does not move them; everything else by what it types.
 */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const placesOf: Readonly<Record<string, string>> = {
  "[": "BracketLeft",
  "]": "BracketRight",
  ",": "Comma",
  "/": "Slash",
  "=": "Equal",
  "-": "Minus",
};

function placeOf(key: string): string | undefined {
  if (/^[A-Z]$/.test(key)) return `Key${key}`;
  if (/^[0-9]$/.test(key)) return `Digit${key}`;
  return placesOf[key];
}

export function matchesChord(chord: string, press: KeyPress, isMac: boolean): boolean {
  const parts = chord.split("+");
  const key = parts.pop() ?? "";
  const wants = (name: string) => parts.includes(name);
  const ctrl = wants("Ctrl") || (wants("Mod") && !isMac);
  const meta = wants("Mod") && isMac;
  if (press.ctrlKey !== ctrl || press.metaKey !== meta || press.altKey !== wants("Alt")) {
    return false;
  }
  const place = parts.length > 0 ? placeOf(key) : undefined;
  // A bare "?" needs Shift on most layouts and not on others: only what it types counts.
  if (parts.length === 0 && key.length === 1) return press.key === key;
  if (press.shiftKey !== wants("Shift")) return false;
  return place === undefined ? press.key === key : press.code === place;
}

const macNames: Readonly<Record<string, string>> = {
  Mod: "⌘",
  Ctrl: "⌃",
  Alt: "⌥",
  Shift: "⇧",
};

const keyNames: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
};

/** The caps of a chord in the order that the platform shows them. */
export function chordCaps(chord: string, isMac: boolean): string[] {
  return chord.split("+").map((part) => {
    if (isMac) return macNames[part] ?? keyNames[part] ?? part;
    return part === "Mod" ? "Ctrl" : (keyNames[part] ?? part);
  });
}

/** One line of text: "Ctrl+Shift+P", "⇧⌘P". */
export function chordText(chord: string, isMac: boolean): string {
  return chordCaps(chord, isMac).join(isMac ? "" : "+");
}

/** The form of `aria-keyshortcuts`. */
export function chordForAria(chord: string, isMac: boolean): string {
  return chord
    .split("+")
    .map((part) =>
      part === "Mod" ? (isMac ? "Meta" : "Control") : part === "Ctrl" ? "Control" : part,
    )
    .join("+");
}

export const isMac =
  typeof navigator !== "undefined" &&
  /Mac|iPhone|iPad/.test(navigator.platform || navigator.userAgent);

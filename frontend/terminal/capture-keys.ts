import type { Terminal } from "@xterm/xterm";
import { isMac, matchesChord } from "../ui/key-chord.ts";

/** Keys that are the view's own and not the program's. */
export interface ViewKeys {
  copy(): void;
  openSearch(): void;
  /** Bytes for the program. */
  send(text: string): void;
}

export const terminalChords = {
  copy: isMac ? "Mod+C" : "Mod+Shift+C",
  paste: isMac ? "Mod+V" : "Mod+Shift+V",
  search: isMac ? "Mod+F" : "Mod+Shift+F",
} as const;

/** Line and word motion as a Mac user expects them of every text field. */
const macMotions: readonly (readonly [chord: string, text: string])[] = [
  ["Mod+ArrowLeft", "\x01"],
  ["Mod+ArrowRight", "\x05"],
  ["Mod+Backspace", "\x15"],
];

export function captureKeys(term: Terminal, keys: ViewKeys): void {
  /** Handled here: neither the program nor the browser sees it. */
  function take(event: KeyboardEvent, run: () => void): false {
    event.preventDefault();
    if (event.type === "keydown") run();
    return false;
  }
  term.attachCustomKeyEventHandler((event) => {
    // A composition belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return true;
    const matches = (chord: string) => matchesChord(chord, event, isMac);
    if (matches(terminalChords.copy)) return take(event, keys.copy);
    if (matches(terminalChords.search)) return take(event, keys.openSearch);
    // The browser's own paste event follows.
    if (matches(terminalChords.paste)) return false;
    if (matches("Alt+PageUp")) return take(event, () => term.scrollPages(-1));
    if (matches("Alt+PageDown")) return take(event, () => term.scrollPages(1));
    if (isMac) {
      for (const [chord, text] of macMotions) {
        if (matches(chord)) return take(event, () => keys.send(text));
      }
    }
    return true;
  });
}

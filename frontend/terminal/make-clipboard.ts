import type { Terminal } from "@xterm/xterm";
import { decidePaste } from "./decide-paste.ts";

/** Copying from and pasting into one terminal, always on somebody's command. */
export interface TerminalClipboard {
  copy(): void;
  paste(): void;
  dispose(): void;
}

export function makeClipboard(
  term: Terminal,
  container: HTMLElement,
  options: {
    readonly canPaste: () => boolean;
    readonly onRefused: (what: "copy" | "paste") => void;
    /** Several lines: `send` pastes them. */
    readonly onQuestion: (text: string, lineCount: number, send: () => void) => void;
  },
): TerminalClipboard {
  function pasteText(text: string): void {
    const decision = decidePaste(text, term.modes.bracketedPasteMode);
    if (decision.kind === "nothing" || !options.canPaste()) return;
    if (decision.kind === "paste") return term.paste(decision.text);
    options.onQuestion(decision.text, decision.lineCount, () => {
      term.paste(decision.text);
      term.focus();
    });
  }

  // Before xterm, which would send it unasked.
  function catchPaste(event: ClipboardEvent): void {
    if (!event.clipboardData) return;
    event.preventDefault();
    event.stopPropagation();
    pasteText(event.clipboardData.getData("text/plain"));
  }
  container.addEventListener("paste", catchPaste, { capture: true });

  return {
    copy() {
      const text = term.getSelection();
      if (text === "") return;
      if (navigator.clipboard) {
        navigator.clipboard.writeText(text).catch(() => options.onRefused("copy"));
        return;
      }
      // Without a secure context there is no clipboard to write; xterm answers the copy event.
      if (!document.execCommand("copy")) options.onRefused("copy");
    },
    paste() {
      const reading = navigator.clipboard?.readText() ?? Promise.reject(new Error("no clipboard"));
      reading.then(pasteText, () => options.onRefused("paste"));
    },
    dispose() {
      container.removeEventListener("paste", catchPaste, { capture: true });
    },
  };
}

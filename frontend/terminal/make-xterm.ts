import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { chordText, isMac } from "../ui/key-chord.ts";
import type { TerminalSize } from "@leapmux/shared/terminal/attachment.ts";
import { adoptStyles } from "./adopt-styles.ts";
import { isWebLink, openLink } from "./open-link.ts";
import { suppressReplies } from "./suppress-replies.ts";
import type { TerminalPreferences } from "./terminal-api.ts";
import { readTerminalTheme } from "./terminal-theme.ts";

const scrollbackLines = 10_000;
/** Until the view is measured. */
export const placeholderSize: TerminalSize = { cols: 80, rows: 25 };

export interface XtermParts {
  readonly term: Terminal;
  /** The size that the container has room for; undefined while it is not shown. */
  measure(): TerminalSize | undefined;
}

/** xterm as we use it: silent to queries, allowed by the content security policy, links on purpose only. */
export function makeXterm(
  container: HTMLElement,
  preferences: TerminalPreferences,
  stickyCtrl: () => boolean,
): XtermParts {
  const activate = (event: MouseEvent, uri: string) => openLink(event, uri, stickyCtrl());
  // What a link shows and where it leads may differ: the target is told before anybody follows it.
  const hover = (_event: MouseEvent, uri: string) => {
    if (isWebLink(uri)) container.title = `${uri}\n${chordText("Mod+click", isMac)} opens it`;
  };
  const leave = () => container.removeAttribute("title");
  const term = new Terminal({
    ...placeholderSize,
    allowProposedApi: true,
    fontFamily: preferences.fontFamily,
    fontSize: preferences.fontSize,
    theme: readTerminalTheme(preferences.theme, container),
    screenReaderMode: preferences.screenReader,
    scrollback: scrollbackLines,
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    minimumContrastRatio: 4.5,
    rescaleOverlappingGlyphs: true,
    macOptionClickForcesSelection: true,
    linkHandler: { activate, hover, leave, allowNonHttpProtocols: false },
    logLevel: "off",
  });
  suppressReplies(term);
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.loadAddon(new WebLinksAddon(activate, { hover, leave }));
  adoptStyles(() => term.open(container));
  return {
    term,
    measure() {
      const proposed = fit.proposeDimensions();
      if (!proposed || Number.isNaN(proposed.cols) || Number.isNaN(proposed.rows)) return undefined;
      return { cols: Math.min(proposed.cols, 1000), rows: Math.min(proposed.rows, 1000) };
    },
  };
}

import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Terminal as TerminalInfo } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Terminal } from "@xterm/xterm";
import { browserClock, browserRandom } from "../link/browser-platform.ts";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { attachTerminal } from "@leapmux/shared/terminal/attach-terminal.ts";
import type { AttachmentState } from "@leapmux/shared/terminal/attachment.ts";
import { isExited } from "./describe-terminal.ts";
import { makeClipboard } from "./make-clipboard.ts";
import {
  applyModifiers,
  encodeBinary,
  captureKeystroke,
  keySequence,
} from "./capture-keystroke.ts";
import { captureKeys } from "./capture-keys.ts";
import { makeUnicodeLoader } from "./load-unicode.ts";
import { makeXterm, placeholderSize, type XtermParts } from "./make-xterm.ts";
import { scrollByTouch } from "./scroll-by-touch.ts";
import type { StickyModifiers, TerminalApi, TerminalPreferences } from "./terminal-api.ts";
import { readTerminalTheme, terminalColours } from "./terminal-theme.ts";
import { makeScreenWriter } from "./write-screen.ts";

/**
 * One xterm bound to one terminal of a worker: what it shows, what is typed, and the actions on it.
 * The view around it (terminal-view) owns looks, notices and questions.
 */
export interface RunningTerminal {
  readonly term: Terminal;
  readonly api: TerminalApi;
  /** Measures and tells the worker, at most once per frame and only what changed. */
  fit(): void;
  setPreferences(preferences: TerminalPreferences): void;
  /** The connection opened: a waiting attachment tries at once. */
  retryNow(): void;
  setAwake(awake: boolean): void;
  dispose(): void;
}

export type Refusal = "detached" | "too-much" | "restart" | "copy" | "paste";

export interface TerminalEvents {
  onAttachment(state: AttachmentState): void;
  onTerminal(terminal: TerminalInfo): void;
  /** Something that was asked for did not happen; `detached` and `too-much` are about input. */
  onRefused(what: Refusal): void;
  /** A paste that needs a yes; `send` sends it. */
  onPasteQuestion(text: string, lineCount: number, send: () => void): void;
  onSearch(): void;
  onFocus(): void;
}

export function runTerminal(options: {
  readonly container: HTMLElement;
  readonly connection: WorkerConnection;
  readonly terminalId: string;
  readonly preferences: TerminalPreferences;
  readonly sticky: StickyModifiers & { take(): { ctrl: boolean; alt: boolean } };
  readonly events: TerminalEvents;
}): RunningTerminal {
  const { container, events, sticky, terminalId } = options;
  const client = options.connection.client(TerminalService);
  let preferences = options.preferences;
  let info: TerminalInfo | undefined;
  let attached: AttachmentState = "attaching";
  let restarting = false;

  const xterm: XtermParts = makeXterm(container, preferences, sticky.ctrl);
  const { term } = xterm;
  const writer = makeScreenWriter((data, parsed) => term.write(data, parsed));
  const loadUnicode = makeUnicodeLoader(term);

  function resizeScreen({ cols, rows }: { cols: number; rows: number }): void {
    if (cols < 1 || rows < 1 || (cols === term.cols && rows === term.rows)) return;
    term.resize(Math.min(cols, 1000), Math.min(rows, 1000));
    // Another view decided and is larger: what matters is at the foot.
    container.scrollTop = container.scrollHeight;
  }

  const attachment = attachTerminal({
    client,
    terminalId,
    clock: browserClock,
    random: browserRandom,
    size: xterm.measure() ?? placeholderSize,
    colours: terminalColours(term.options.theme ?? {}),
    screen: {
      reset(size) {
        term.reset();
        resizeScreen(size);
      },
      resize(size) {
        // In order with the output that is still unparsed.
        term.write("", () => resizeScreen(size));
      },
      async write(data) {
        const loading = loadUnicode(data);
        if (loading) await loading;
        await writer.write(data);
      },
    },
    onState(state) {
      attached = state;
      events.onAttachment(state);
    },
    onTerminal(terminal) {
      info = terminal;
      events.onTerminal(terminal);
    },
  });

  function send(data: Uint8Array<ArrayBuffer>, typed: boolean): void {
    if (isExited(info) || data.length === 0) return;
    if (!attachment.sendInput(data) && typed) {
      events.onRefused(attached === "live" ? "too-much" : "detached");
    }
  }
  function sendText(text: string): void {
    send(captureKeystroke(text), true);
  }

  async function restart(): Promise<void> {
    if (restarting || !isExited(info)) return;
    restarting = true;
    try {
      await attachment.restart();
    } catch {
      events.onRefused("restart");
    } finally {
      restarting = false;
    }
  }

  term.onData((text) => {
    // In an exited terminal only Enter acts.
    if (isExited(info)) return void (text === "\r" && restart());
    send(captureKeystroke(applyModifiers(text, sticky.take())), !isReport(text));
  });
  term.onBinary((text) => send(encodeBinary(text), false));

  const clipboard = makeClipboard(term, container, {
    canPaste: () => !isExited(info),
    onRefused: events.onRefused,
    onQuestion: events.onPasteQuestion,
  });
  function takeFocus(): void {
    attachment.focus();
    events.onFocus();
  }
  term.textarea?.addEventListener("focus", takeFocus);

  captureKeys(term, { copy: clipboard.copy, openSearch: events.onSearch, send: sendText });

  let frame = 0;
  function fit(): void {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const size = xterm.measure();
      if (size) attachment.resize(size);
    });
  }
  const stopTouch = scrollByTouch(term, container);
  const observer = new ResizeObserver(fit);
  observer.observe(container);

  const api: TerminalApi = {
    sticky,
    focus: () => term.focus(),
    openSearch: events.onSearch,
    copy: clipboard.copy,
    paste: clipboard.paste,
    clear: () => term.clear(),
    scrollToBottom: () => term.scrollToBottom(),
    sendText,
    sendCharacter: (character) => sendText(applyModifiers(character, sticky.take())),
    sendKey(key) {
      const { applicationCursorKeysMode } = term.modes;
      sendText(keySequence(key, sticky.take(), applicationCursorKeysMode));
      term.scrollToBottom();
    },
    restart: () => void restart(),
  };

  return {
    term,
    api,
    fit,
    retryNow: attachment.retryNow,
    setAwake: (awake) => (awake ? attachment.resume() : attachment.pause()),
    setPreferences(next) {
      preferences = next;
      term.options.fontFamily = next.fontFamily;
      term.options.fontSize = next.fontSize;
      term.options.screenReaderMode = next.screenReader;
      const theme = readTerminalTheme(next.theme, container);
      term.options.theme = theme;
      attachment.setColours(terminalColours(theme));
      fit();
    },
    dispose() {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stopTouch();
      clipboard.dispose();
      attachment.stop();
      writer.release();
      term.dispose();
    },
  };
}

/** What xterm says by itself: focus and mouse reports. Nobody misses them while detached. */
function isReport(text: string): boolean {
  return (
    text === "\x1b[I" || text === "\x1b[O" || text.startsWith("\x1b[<") || text.startsWith("\x1b[M")
  );
}

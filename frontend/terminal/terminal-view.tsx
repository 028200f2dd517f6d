import type { Terminal as TerminalInfo } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { createEffect, createMemo, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { chordText, isMac } from "../ui/key-chord.ts";
import { makePart } from "../ui/part.tsx";
import type { AttachmentState } from "@leapmux/shared/terminal/attachment.ts";
import { terminalChords } from "./capture-keys.ts";
import { createStickyModifiers } from "./create-sticky-modifiers.ts";
import { describeExit, viewState } from "./describe-terminal.ts";
import { makeWebglDrawing, type WebglDrawing } from "./draw-with-webgl.ts";
import { type Refusal, type RunningTerminal, runTerminal } from "./run-terminal.ts";
import type { TerminalApi, TerminalPreferences } from "./terminal-api.ts";
import { TerminalNotice } from "./terminal-notice.tsx";
import "./terminal.css";

const TerminalSearch = makePart(async () => (await import("./terminal-search.tsx")).TerminalSearch);
const PasteQuestion = makePart(async () => (await import("./paste-question.tsx")).PasteQuestion);

export interface TerminalViewProps {
  connection: WorkerConnection;
  terminalId: string;
  /** Shown now; a hidden view keeps its place but draws nothing. */
  visible: boolean;
  /** Has, or should take, the keyboard. */
  focused: boolean;
  preferences: TerminalPreferences;
  onApi?: (api: TerminalApi) => void;
  onFocus?: () => void;
}

/** How long the views of a page in the background stay attached, ms. */
const sleepAfterMs = 10_000;
const refusedShownMs = 2_500;
/** The font comes with the page; waiting longer than this helps nobody. */
const fontTimeoutMs = 1_500;

const refusals: Readonly<Record<Refusal, string>> = {
  detached: "Not connected: what you type is not sent.",
  "too-much": "That is too much at once: nothing of it was sent.",
  restart: "The shell could not be started. Try again.",
  copy: "The browser did not let this page write the clipboard.",
  paste: `The browser did not let this page read the clipboard. Use ${chordText(terminalChords.paste, isMac)}.`,
};

/** A terminal of a worker. Mount it once per tab and keep it; connection and id never change. */
export function TerminalView(props: TerminalViewProps) {
  const [attachment, setAttachment] = createSignal<AttachmentState>("attaching");
  const [terminal, setTerminal] = createSignal<TerminalInfo>();
  const [wasLive, setWasLive] = createSignal(false);
  const [running, setRunning] = createSignal<RunningTerminal>();
  const [searching, setSearching] = createSignal(false);
  const [refused, setRefused] = createSignal<string>();
  const [pasteQuestion, setPasteQuestion] = createSignal<{
    text: string;
    lineCount: number;
    send(): void;
  }>();
  const [renderer, setRenderer] = createSignal<"webgl" | "dom">("dom");
  const [pageVisible, setPageVisible] = createSignal(document.visibilityState === "visible");
  const sticky = createStickyModifiers();
  let container!: HTMLDivElement;
  let drawing: WebglDrawing | undefined;

  const state = createMemo(() =>
    viewState(attachment(), props.connection.state(), terminal(), wasLive()),
  );

  let refusedTimer: ReturnType<typeof setTimeout> | undefined;
  function showRefused(text: string): void {
    clearTimeout(refusedTimer);
    setRefused(text);
    refusedTimer = setTimeout(() => setRefused(undefined), refusedShownMs);
  }

  function start(): RunningTerminal {
    const { connection, terminalId } = props;
    const made = runTerminal({
      container,
      connection,
      terminalId,
      preferences: props.preferences,
      sticky,
      events: {
        onAttachment(next) {
          if (next === "live") setWasLive(true);
          setAttachment(next);
        },
        onTerminal: (next) => setTerminal(() => next),
        onRefused: (why) => showRefused(refusals[why]),
        onPasteQuestion: (text, lineCount, send) => setPasteQuestion({ text, lineCount, send }),
        onSearch: () => setSearching(true),
        onFocus: () => props.onFocus?.(),
      },
    });
    drawing = makeWebglDrawing(made.term, setRenderer);
    return made;
  }

  onMount(() => {
    let over = false;
    const watchPage = () => setPageVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", watchPage);
    onCleanup(() => {
      over = true;
      clearTimeout(refusedTimer);
      document.removeEventListener("visibilitychange", watchPage);
      drawing?.dispose();
      running()?.dispose();
    });
    // xterm measures its cells once: with the font that it will draw.
    void loadFont(props.preferences).then(() => {
      if (over) return;
      const made = start();
      setRunning(made);
      props.onApi?.(made.api);
    });
  });

  createEffect(() => {
    const made = running();
    if (!made) return;
    const { preferences } = props;
    void loadFont(preferences).then(() => made.setPreferences(preferences));
  });
  createEffect(() => {
    if (props.connection.state().kind === "open") running()?.retryNow();
  });
  createEffect(() => {
    const made = running();
    if (!made) return;
    if (props.visible) {
      drawing?.show();
      made.fit();
    } else {
      drawing?.hide();
    }
  });
  createEffect(
    on(
      () => [running(), props.visible && props.focused] as const,
      ([made, focus]) => focus && made?.term.focus(),
    ),
  );
  // Browsers slow the timers of a page in the background: xterm would parse so little that its credit
  // paused the program.
  createEffect(() => {
    const made = running();
    if (pageVisible()) return made?.setAwake(true);
    const timer = setTimeout(() => made?.setAwake(false), sleepAfterMs);
    onCleanup(() => clearTimeout(timer));
  });

  function closeSearch(): void {
    setSearching(false);
    running()?.term.focus();
  }

  return (
    <div
      class="terminal"
      classList={{ "terminal-hidden": !props.visible }}
      data-terminal-state={state()}
      data-terminal-id={props.terminalId}
      data-terminal-renderer={renderer()}
      data-input-refused={refused() ? "" : undefined}
    >
      <div class="terminal-screen" ref={container} />
      <Show when={searching() && running()}>
        {(made) => (
          <TerminalSearch
            term={made().term}
            element={container}
            onClose={closeSearch}
            onMissing={closeSearch}
          />
        )}
      </Show>
      <Show when={pasteQuestion()}>
        {(question) => (
          <PasteQuestion
            text={question().text}
            lineCount={question().lineCount}
            onAnswer={(accepted) => {
              const { send } = question();
              setPasteQuestion(undefined);
              if (accepted) send();
            }}
            onMissing={() => setPasteQuestion(undefined)}
          />
        )}
      </Show>
      <Show when={refused()}>
        {(text) => <TerminalNotice tone="warn">{text()}</TerminalNotice>}
      </Show>
      <Show when={state() === "exited" && !refused() && terminal()}>
        {(info) => (
          <TerminalNotice
            tone="plain"
            action="Start again"
            keys="Enter"
            onAction={() => {
              running()?.api.restart();
              // The button leaves with the notice.
              running()?.term.focus();
            }}
          >
            {describeExit(info())}
          </TerminalNotice>
        )}
      </Show>
      <Show when={state() === "gone"}>
        <TerminalNotice tone="plain">
          This terminal was closed. You can close its tab.
        </TerminalNotice>
      </Show>
    </div>
  );
}

function loadFont({ fontFamily, fontSize }: TerminalPreferences): Promise<unknown> {
  const faces = ["400", "700"].map((weight) =>
    document.fonts.load(`${weight} ${fontSize}px ${fontFamily}`).catch(() => []),
  );
  const timeout = new Promise((resolve) => setTimeout(resolve, fontTimeoutMs));
  return Promise.race([Promise.all(faces), timeout]);
}

import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { createEffect, createMemo, For, Match, on, Switch } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { makePart } from "../ui/part.tsx";
import { Waiting } from "../ui/progress.tsx";
import { panelElementId, tabElementId } from "../ui/tabs.tsx";
import "./tab-panes.css";

const loadView = () => import("../terminal/terminal-view.tsx");
const TerminalView = makePart(async () => (await loadView()).TerminalView);
// Asked for with the page: the shell of the window draws while it is on its way.
loadView().catch(() => {});

const DeviceRefused = makePart(
  async () => (await import("../workers/device-refused.tsx")).DeviceRefused,
  "asked",
);

/** Views that stay alive behind the one in front, so that going back to them takes no time. */
const mostKept = 8;

export function TabPanes() {
  const app = useApp();
  let recent: string[] = [];

  /** In the order in which they were first shown: a view never moves within the document. */
  const kept = createMemo<string[]>((before) => {
    const { workspaceId, tabId } = app.place();
    const shown = (app.tabs.of(workspaceId ?? "") ?? []).some((tab) => tab.id === tabId);
    if (tabId && shown) recent = [tabId, ...recent.filter((id) => id !== tabId)];
    recent = recent.filter((id) => app.tabs.find(id)).slice(0, mostKept);
    const stays = before.filter((id) => recent.includes(id));
    return [...stays, ...recent.filter((id) => !stays.includes(id))];
  }, []);

  return <For each={kept()}>{(tabId) => <TabPane tabId={tabId} />}</For>;
}

function TabPane(props: { tabId: string }) {
  const app = useApp();
  const { tabId } = props;
  const tab = app.tabs.find(tabId);
  if (!tab) return null;
  const { workerId } = tab;
  const isFront = () => app.place().tabId === tabId;
  const opening = () => app.commands.opening(tabId);
  const failure = () => {
    const now = opening();
    return now?.kind === "failed" ? now.reason : undefined;
  };
  const isGone = () => app.live.complete(workerId) && !app.live.get(tabId) && !opening();
  const workerName = () => app.workers.find(workerId)?.name ?? "the worker";
  const connection = app.connections.of(workerId);
  let wasStranger = false;

  const isStranger = () => {
    const state = connection.state();
    return state.kind === "refused" && state.reason === "device_not_trusted";
  };
  // A shell that was asked for in vain starts once the worker lets this browser in.
  createEffect(
    on(
      () => connection.state().kind === "open",
      (isOpen) => {
        if (isOpen && wasStranger && failure()) app.commands.openAgain(tab);
        if (isOpen) wasStranger = false;
      },
    ),
  );
  createEffect(() => {
    if (isStranger()) wasStranger = true;
  });
  /** Stays while it is tried again, so that nothing flickers and nobody loses their place. */
  const isKeptOut = createMemo<boolean>((before) => {
    const { kind } = connection.state();
    return isStranger() || (before && (kind === "opening" || kind === "waiting"));
  }, false);

  // Whoever sees the terminal has seen its bell.
  createEffect(() => {
    if (isFront() && document.visibilityState === "visible") app.live.look(tabId);
  });
  // Without a view nothing answers for this tab.
  createEffect(
    on([opening, isGone, isKeptOut], ([isOpening, gone, stranger]) => {
      if (isOpening || gone || stranger) app.setTerminal(tabId, undefined);
    }),
  );

  return (
    <section
      class="pane"
      role="tabpanel"
      id={panelElementId(tabId)}
      aria-labelledby={tabElementId(tabId)}
      data-area={isFront() ? "terminal" : undefined}
      hidden={!isFront()}
    >
      <Switch>
        <Match when={isKeptOut()}>
          <DeviceRefused workerId={workerId} />
        </Match>
        <Match when={failure()}>
          {(reason) => (
            <EmptyState title="The shell did not start" text={reason()}>
              <Button
                variant="primary"
                icon={RotateCcw}
                onClick={() => app.commands.openAgain(tab)}
              >
                Try again
              </Button>
              <Button variant="quiet" onClick={() => app.commands.closeTabNow(tabId)}>
                Close the tab
              </Button>
            </EmptyState>
          )}
        </Match>
        <Match when={opening()}>
          <div class="pane-waiting">
            <Waiting
              label="Starting the shell"
              sentence={`Waiting for ${workerName()}. You can go on elsewhere; the shell starts as soon as it answers.`}
            />
          </div>
        </Match>
        <Match when={isGone()}>
          <EmptyState
            title="This terminal has ended"
            text={`“${workerName()}” does not have it any more.`}
          >
            <Button variant="primary" icon={RotateCcw} onClick={() => app.commands.openAgain(tab)}>
              Start a shell here
            </Button>
            <Button variant="quiet" onClick={() => app.commands.closeTabNow(tabId)}>
              Close the tab
            </Button>
          </EmptyState>
        </Match>
        <Match when={true}>
          <div class="pane-terminal" data-terminal>
            <TerminalView
              connection={connection}
              terminalId={tabId}
              visible={isFront()}
              focused={isFront() && app.layout.terminalHasKeys() && !app.layout.editing()}
              preferences={{
                fontFamily: app.preferences.fontFamily(),
                fontSize: app.preferences.values.fontSize,
                theme: app.preferences.theme(),
                screenReader: app.preferences.values.screenReader,
              }}
              onApi={(api) => app.setTerminal(tabId, api)}
              onFocus={() => app.layout.setTerminalHasKeys(true)}
            />
          </div>
        </Match>
      </Switch>
    </section>
  );
}

import { createResource, createSignal, For, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Waiting } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { LiveTerminal } from "../workspace/live-terminals.ts";
import type { WhatRuns } from "../workspace/look-what-runs.ts";
import { titleOf } from "../workspace/title-of.ts";
import "./tabless-dialog.css";
import { tablessOf } from "./worker-menu.ts";

/** Terminals of a worker that no tab shows: a tab for each, or an end. Nothing happens by itself. */
export function TablessDialog(props: { workerId: string }) {
  const app = useApp();
  const name = () => app.workers.find(props.workerId)?.name ?? "this worker";
  app.live.watch(props.workerId);
  // Of workspaces that were not looked at yet, the hub tells now.
  const [loaded] = createResource(() =>
    Promise.all(app.workspaces.all.map(({ id }) => app.tabs.load(id))).then(
      () => true,
      () => false,
    ),
  );
  const found = () => tablessOf(app, props.workerId);
  const isUntold = () => found() === undefined && loaded() === false;
  const text = () => {
    if (isUntold()) return "The hub did not say which tabs there are. Close this and try it again.";
    switch (found()?.length) {
      case undefined:
        return undefined;
      case 0:
        return `Every terminal on “${name()}” has a tab.`;
      default:
        return `They go on running on “${name()}”, although no workspace has a tab for them.`;
    }
  };

  return (
    <Dialog
      open
      size="medium"
      title="Terminals without a tab"
      description={text()}
      onClose={app.dialogs.close}
      footer={<Button onClick={app.dialogs.close}>Close</Button>}
    >
      <Show
        when={found()}
        fallback={
          <Show when={!isUntold()}>
            <Waiting
              label="Looking for terminals"
              sentence={`Waiting for the hub and for “${name()}”.`}
            />
          </Show>
        }
      >
        {(terminals) => (
          <ul class="tabless-list">
            <For each={terminals()}>{(terminal) => <TablessRow terminal={terminal} />}</For>
          </ul>
        )}
      </Show>
    </Dialog>
  );
}

function TablessRow(props: { terminal: LiveTerminal }) {
  const app = useApp();
  const { id, createdAtMs } = props.terminal;
  const title = () => titleOf(props.terminal);
  const [runs, setRuns] = createSignal<WhatRuns>();
  const isAsking = () => runs() !== undefined;

  async function end(): Promise<void> {
    const found = await app.commands.whatRuns(id);
    if (found.kind === "nothing") app.commands.endTabless(id);
    else setRuns(found);
  }
  const warning = () => {
    const found = runs();
    return found?.kind === "command"
      ? `${found.command} still runs in it.`
      : "Something may still run in it.";
  };

  return (
    <li class="tabless-row">
      <div class="tabless-what">
        <bdi>{title()}</bdi>
        <Show when={!isAsking()} fallback={<p role="alert">{warning()}</p>}>
          <p class="tabless-where" data-tooltip={exactTime(createdAtMs)}>
            {props.terminal.running ? "Opened" : "Ended; opened"}{" "}
            {relativeTime(createdAtMs, Date.now())} in <bdi>{props.terminal.directory}</bdi>
          </p>
        </Show>
      </div>
      <Show
        when={!isAsking()}
        fallback={
          <>
            <SafeButton onClick={() => setRuns(undefined)} />
            <Button
              variant="danger"
              aria-label={`End ${title()} with what runs in it`}
              onClick={() => app.commands.endTabless(id)}
            >
              End it
            </Button>
          </>
        }
      >
        <Button
          aria-label={`Open ${title()} as a tab`}
          onClick={() => {
            app.dialogs.close();
            app.commands.adoptTerminal(id);
          }}
        >
          Open as tab
        </Button>
        <Button variant="quiet" aria-label={`End ${title()}`} onClick={() => void end()}>
          End
        </Button>
      </Show>
    </li>
  );
}

/** Has the focus once the question is there: the button that asked it is gone. */
function SafeButton(props: { onClick(): void }) {
  let element: HTMLButtonElement | undefined;
  onMount(() => element?.focus());
  return (
    <Button ref={element} onClick={() => props.onClick()}>
      Cancel
    </Button>
  );
}

import { Match, Switch } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import type { WhatRuns } from "./look-what-runs.ts";
import { titleOf } from "./title-of.ts";

/** Something runs in the terminal, or may: closing it ends that too. */
export function CloseTabDialog(props: {
  tabId: string;
  runs: Exclude<WhatRuns, { kind: "nothing" }>;
}) {
  const app = useApp();
  const title = titleOf(app.live.get(props.tabId));
  const worker = () => app.workers.find(app.tabs.find(props.tabId)?.workerId ?? "")?.name;
  const runs = <Kind extends string>(kind: Kind) =>
    props.runs.kind === kind ? (props.runs as Extract<WhatRuns, { kind: Kind }>) : undefined;
  let cancel: HTMLButtonElement | undefined;
  return (
    <Dialog
      open
      alert
      title={`Close “${title}”?`}
      description={
        <Switch>
          <Match when={runs("command")}>
            {(known) => (
              <>
                <code>{known().command}</code> still runs in it. Closing the tab ends it.
              </>
            )}
          </Match>
          <Match when={runs("unknown")?.why === "offline"}>
            “{worker() ?? "Its worker"}” is offline, so nobody knows whether something still runs in
            it. What does is ended when the worker is back.
          </Match>
          <Match when={runs("unknown")}>
            “{worker() ?? "Its worker"}” did not say in time whether something still runs in it.
            Closing the tab ends what does.
          </Match>
        </Switch>
      }
      onClose={app.dialogs.close}
      initialFocus={() => cancel}
      footer={
        <>
          <Button ref={cancel} onClick={app.dialogs.close}>
            Cancel
          </Button>
          <Button
            variant="danger"
            onClick={() => {
              app.dialogs.close();
              app.commands.closeTabNow(props.tabId);
            }}
          >
            End it and close
          </Button>
        </>
      }
    />
  );
}

import { Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { readLocalHub } from "./local-frontend.ts";
import "./about-dialog.css";

/** Which version this is, and how somebody finds out what the hub really serves. */
export function AboutDialog() {
  const app = useApp();
  const localHub = readLocalHub();
  const hub = localHub ?? location.origin;

  return (
    <Dialog
      open
      title="About LeapMux"
      onClose={app.dialogs.close}
      footer={
        <Button variant="primary" onClick={app.dialogs.close}>
          Done
        </Button>
      }
    >
      <dl class="about-facts">
        <dt>Hub</dt>
        <dd>
          {hub}
          <Show when={app.system()?.version}>{(version) => <>, version {version()}</>}</Show>
        </dd>
        <dt>Frontend</dt>
        <dd>
          {localHub === undefined
            ? "From the hub."
            : "From the package on your own machine, by leapmux open."}
        </dd>
        <Show when={app.system()?.frontendHash}>
          {(hash) => (
            <>
              <dt>The hub says that it serves</dt>
              <dd class="about-hash">{hash()}</dd>
            </>
          )}
        </Show>
      </dl>
      <p class="about-text">
        A hub can say anything about itself. To compare what it serves with an installed package,
        run <code class="about-command">leapmux verify {hub}</code> on another machine.
        <Show when={localHub === undefined}>
          {" "}
          To load nothing from the hub at all: <code class="about-command">leapmux open {hub}</code>
        </Show>
      </p>
    </Dialog>
  );
}

import { createSignal, onCleanup, onMount, Show } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { Button } from "../ui/button.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { Notice } from "../ui/notice.tsx";
import { GatePage } from "./gate-page.tsx";

/**
 * Under `leapmux open` it is the command line that is logged in, not the browser: nothing that could be typed
 * into this page makes a login, so it says what does.
 */
export function LocalLogInPage(props: { entry: Entry; hub: string; hasEnded: boolean }) {
  const [failed, setFailed] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const isNew = () => props.entry.system()?.setupRequired === true;

  async function ask(): Promise<void> {
    setBusy(true);
    setFailed(false);
    try {
      await props.entry.comeBack();
    } catch {
      setFailed(true);
    }
    setBusy(false);
  }
  // Whoever comes back from the terminal is let in without another press.
  const onFocus = () => void ask();
  onMount(() => window.addEventListener("focus", onFocus));
  onCleanup(() => window.removeEventListener("focus", onFocus));

  return (
    <GatePage
      title={props.hasEnded ? "The login of this machine is over" : "This machine is not logged in"}
      text={
        isNew()
          ? `The hub at ${props.hub} has no account yet. Make the first one at the address that the hub printed when it started, then log in with this in a terminal.`
          : `This page comes from your own machine, and so does its login at ${props.hub}. Log in with this in a terminal.`
      }
    >
      <Show when={props.entry.note()}>{(note) => <Notice tone="plain">{note()}</Notice>}</Show>
      <CopyField label="Command" value={`leapmux login ${props.hub}`} />
      <Show when={failed()}>
        <p class="field-error" role="alert">
          The hub cannot be reached. Try it again in a moment.
        </p>
      </Show>
      <Button variant="primary" data-first busy={busy()} onClick={() => void ask()}>
        Try now
      </Button>
    </GatePage>
  );
}

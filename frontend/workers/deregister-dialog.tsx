import { createSignal, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { describeFailure } from "../workspace/describe-failure.ts";
import "./deregister-dialog.css";

/** Says what ends with the worker, and lets nobody do it by habit. */
export function DeregisterDialog(props: { workerId: string }) {
  const app = useApp();
  const { workerId } = props;
  const worker = () => app.workers.find(workerId);
  const name = worker()?.name ?? "this worker";
  const [typed, setTyped] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string>();
  const formId = "deregister-form";

  async function deregister(): Promise<void> {
    if (typed() !== name || busy()) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await app.hub.workers.deregisterWorker({ workerId });
      void app.workers.refresh().catch(() => {});
      app.dialogs.close();
      app.toasts.show({ text: `“${name}” is deregistered.` });
    } catch (error) {
      setFailure(describeFailure(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      alert
      title={`Deregister “${name}”?`}
      description="This cannot be undone. To use the machine again, register it anew."
      onClose={app.dialogs.close}
      footer={
        <>
          <Button onClick={app.dialogs.close}>Cancel</Button>
          <Button
            variant="danger"
            type="submit"
            form={formId}
            busy={busy()}
            disabled={typed() !== name}
          >
            Deregister
          </Button>
        </>
      }
    >
      <ul class="plain-list">
        <li>Every terminal on it ends, with what runs in it.</li>
        <li>
          <Show
            when={worker()?.online}
            fallback="It is offline: when it comes back it is refused, and wipes its credentials then."
          >
            It wipes its credentials and stops.
          </Show>
        </li>
        <li>Files on the machine stay as they are.</li>
      </ul>
      <form
        id={formId}
        class="deregister-form"
        onSubmit={(event) => {
          event.preventDefault();
          void deregister();
        }}
      >
        <Field
          label={`Type “${name}” to deregister it`}
          value={typed()}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </form>
      <Show when={failure()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
    </Dialog>
  );
}

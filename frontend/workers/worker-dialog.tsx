import { createSignal, For, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { Words } from "../ui/words.tsx";
import { describeFailure } from "../workspace/describe-failure.ts";
import { trustMarkOf } from "./describe-channel.ts";
import { WorkerDevices } from "./worker-devices.tsx";
import { WorkerEvidence } from "./worker-evidence.tsx";
import { WorkerFacts } from "./worker-facts.tsx";
import { workerIconOf, workerIcons } from "./worker-icons.ts";
import type { WorkerEntry } from "./worker-list.ts";
import "./devices-dialog.css";
import "./worker-dialog.css";

const mostNameLength = 64;

/** All about one worker: what it is called, whether it is the right one, how it is, and whom it lets in. */
export function WorkerDialog(props: { workerId: string }) {
  const app = useApp();
  const worker = () => app.workers.find(props.workerId);
  const connection = app.connections.of(props.workerId);
  onMount(() => {
    if (worker()?.online && connection.state().kind === "idle") connection.retryNow();
  });
  return (
    <Dialog
      open
      size="medium"
      title={worker()?.name ?? "Worker"}
      onClose={app.dialogs.close}
      footer={
        <>
          <Show when={worker() && !worker()?.bundled && !app.isSolo()}>
            <Button
              variant="quiet"
              disabled={worker()?.deregistering ?? false}
              onClick={() =>
                app.dialogs.open({ kind: "deregister-worker", workerId: props.workerId })
              }
            >
              Deregister…
            </Button>
          </Show>
          <Button variant="primary" onClick={app.dialogs.close}>
            Done
          </Button>
        </>
      }
    >
      <Show
        when={worker()}
        keyed
        fallback={<Notice tone="plain">This worker does not exist any more.</Notice>}
      >
        {(found) => (
          <>
            <Show when={found.deregistering}>
              <Notice tone="warn">
                It was told to stop for good, and has not said yet that it did.
              </Notice>
            </Show>
            <Show when={!app.isSolo()}>
              <Identity worker={found} />
            </Show>
            <Trust worker={found} />
            <Show when={found.online} fallback={<Away worker={found} />}>
              <WorkerFacts connection={connection} name={found.name} />
              <Show when={!app.isSolo()}>
                <WorkerDevices connection={connection} name={found.name} />
              </Show>
              <WorkerEvidence connection={connection} name={found.name} />
            </Show>
          </>
        )}
      </Show>
    </Dialog>
  );
}

/** Name and picture change at once; what the hub refuses is put back. */
function Identity(props: { worker: WorkerEntry }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<string>();

  async function change(to: { name?: string; icon?: string }): Promise<void> {
    const { id, name, icon } = props.worker;
    setFailure(undefined);
    try {
      await app.workers.change(id, { name, icon, ...to });
    } catch (error) {
      setFailure(`It was put back. ${describeFailure(error)}`);
    }
  }
  return (
    <>
      <div class="worker-head">
        <Field
          label="Name"
          value={props.worker.name}
          maxLength={mostNameLength}
          autocomplete="off"
          spellcheck={false}
          onChange={(event) => {
            const name = event.currentTarget.value.trim();
            event.currentTarget.value = name || props.worker.name;
            if (name !== "" && name !== props.worker.name) void change({ name });
          }}
        />
        <fieldset class="worker-icons">
          <legend>Picture</legend>
          <For each={workerIcons}>
            {({ name, label, icon }) => (
              <IconButton
                label={label}
                icon={icon}
                pressed={workerIconOf(props.worker.icon).name === name}
                onClick={() => void change({ icon: name })}
              />
            )}
          </For>
        </fieldset>
      </div>
      <Show when={failure()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
    </>
  );
}

function Trust(props: { worker: WorkerEntry }) {
  const app = useApp();
  const connection = app.connections.of(props.worker.id);
  const mark = () => trustMarkOf(connection.state(), props.worker.name);
  const now = createNow(5_000);
  const mode = () => (now(), connection.status()?.mode);
  return (
    <section class="worker-part">
      <h3>Fingerprint</h3>
      <p>
        <strong>{mark().label}.</strong> {mark().explanation}
      </p>
      <Show when={connection.fingerprint()}>
        {(fingerprint) => <Words label="Long fingerprint" words={fingerprint().longWords} />}
      </Show>
      <Show when={mode()}>
        {(found) => (
          <p class="field-hint">
            {found() === "post-quantum" ? "Post-quantum" : "Classic"} encryption, end to end. The
            first four words are the short form.
          </p>
        )}
      </Show>
    </section>
  );
}

function Away(props: { worker: WorkerEntry }) {
  const now = createNow(30_000);
  const { lastSeenAtMs } = props.worker;
  return (
    <section class="worker-part">
      <h3>Machine</h3>
      <p>
        It is offline
        <Show when={lastSeenAtMs > 0}>
          , last seen{" "}
          <time title={exactTime(lastSeenAtMs)}>
            {relativeTime(Math.min(lastSeenAtMs, now()), now())}
          </time>
        </Show>
        . What it runs goes on, and comes back with it.
      </p>
    </section>
  );
}

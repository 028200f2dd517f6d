import { createClient } from "@connectrpc/connect";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { createEffect, createSignal, Match, onCleanup, onMount, Show, Switch } from "solid-js";
import { readLocalHub } from "../account/local-frontend.ts";
import { useApp } from "../app/use-app.ts";
import { browserClock } from "../link/browser-platform.ts";
import { makeCallHub } from "../link/call-hub.ts";
import { makeHubTransport } from "../link/hub-transport.ts";
import { Button } from "../ui/button.tsx";
import { Check } from "../ui/check.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { createNow } from "../ui/create-now.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { Words } from "../ui/words.tsx";
import { describeDeviceFailure } from "./describe-device.ts";
import { makeRegisterFlow, type RegisterFlow, type RegisterState } from "./register-flow.ts";
import { formatRegistrationCommand } from "./registration-command.ts";
import "./register-dialog.css";

const mostNameLength = 64;

/** Shows the command, waits for the worker that comes with it, and says whether it is the right one. */
export function RegisterDialog() {
  const app = useApp();
  const [state, setState] = createSignal<RegisterState>({ kind: "making" });
  const [name, setName] = createSignal("");
  const [isShared, setShared] = createSignal(false);
  let flow: RegisterFlow | undefined;
  let isOver = false;

  onMount(() => {
    app.devices
      .load()
      .then(({ operations }) => {
        if (isOver) return;
        flow = makeRegisterFlow({
          hub: createClient(WorkerService, makeHubTransport(makeCallHub(location.origin, outlive))),
          operations,
          userId: () => app.system()?.userId ?? "",
          clock: browserClock,
          nowMs: () => Date.now(),
          onState: setState,
        });
      })
      .catch((error: unknown) => setState({ kind: "failed", error }));
    const close = () => flow?.close();
    window.addEventListener("pagehide", close);
    onCleanup(
      app.hub.onChanged((change) => {
        if (change.registrations) flow?.look();
      }),
    );
    onCleanup(() => {
      isOver = true;
      window.removeEventListener("pagehide", close);
      flow?.close();
    });
  });

  // The dialog opened before there was a command: what is to be done first has the focus now.
  let copy: HTMLDivElement | undefined;
  createEffect(() => {
    if (state().kind !== "waiting" || !document.activeElement?.closest(".dialog-foot")) return;
    queueMicrotask(() => copy?.querySelector("button")?.focus());
  });

  const of = <Kind extends RegisterState["kind"]>(kind: Kind) => {
    const now = state();
    return now.kind === kind ? (now as Extract<RegisterState, { kind: Kind }>) : undefined;
  };
  const isDone = () => ["paired", "refused"].includes(state().kind);

  return (
    <Dialog
      open
      size="medium"
      title={of("paired") ? "Worker registered" : "Register a worker"}
      description={
        <Show when={!isDone()}>
          Run this on the machine that you want to use. It needs LeapMux installed and a way to this
          hub; nothing has to reach the machine from outside.
        </Show>
      }
      onClose={app.dialogs.close}
      footer={
        <Button variant={isDone() ? "primary" : "plain"} onClick={app.dialogs.close}>
          {isDone() ? "Done" : "Cancel"}
        </Button>
      }
    >
      <Switch>
        <Match when={of("making")}>
          <Waiting label="Making a key" sentence="Waiting for the hub to make a key." />
        </Match>
        <Match when={of("waiting")}>
          {(waiting) => (
            <>
              <div class="register-options">
                <Field
                  label="Name"
                  placeholder="What the machine calls itself"
                  value={name()}
                  maxLength={mostNameLength}
                  autocomplete="off"
                  spellcheck={false}
                  onInput={(event) => setName(event.currentTarget.value)}
                />
                <Check
                  label="Other people use that machine too"
                  hint="They can see the flags of a running command, but not its environment."
                  checked={isShared()}
                  onChange={setShared}
                />
              </div>
              <div ref={(element) => (copy = element)}>
                <CodeBlock
                  label="Command that registers the worker"
                  variant="primary"
                  text={formatRegistrationCommand({
                    hubUrl: readLocalHub() ?? location.origin,
                    key: waiting().key,
                    name: name(),
                    isShared: isShared(),
                  })}
                />
              </div>
              <WaitingLine endsAtMs={waiting().endsAtMs} />
            </>
          )}
        </Match>
        <Match when={of("checking")}>
          <Waiting label="Checking" sentence="The worker is there. Its proof is being checked." />
        </Match>
        <Match when={of("paired")}>{(paired) => <Paired {...paired()} />}</Match>
        <Match when={of("refused")}>
          {(refused) => <Refused {...refused()} again={() => flow?.renew()} />}
        </Match>
        <Match when={of("expired")}>
          <Notice tone="plain">
            The key has expired: the hub could not be asked to keep it. Nobody can use it any more.
          </Notice>
          <div>
            <Button variant="primary" onClick={() => flow?.renew()}>
              Make a new key
            </Button>
          </div>
        </Match>
        <Match when={of("failed")}>
          {(failed) => (
            <>
              <Notice tone="danger">{describeDeviceFailure(failed().error)}</Notice>
              <Show when={flow}>
                <div>
                  <Button onClick={() => flow?.renew()}>Try again</Button>
                </div>
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}

/** Also when the page goes away while the call is on its way. */
const outlive: typeof fetch = (url, init) => fetch(url, { ...init, keepalive: true });

function WaitingLine(props: { endsAtMs: number }) {
  const now = createNow(1000);
  const left = () => {
    const seconds = Math.max(0, Math.ceil((props.endsAtMs - now()) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  return (
    <div class="register-wait">
      <span class="register-pulse" />
      <span role="status">Waiting for the worker.</span>
      <span aria-hidden="true" data-tooltip="The key is renewed as long as this is open">
        The key is good once, for {left()}.
      </span>
    </div>
  );
}

function Paired(props: RegisterState & { kind: "paired" }) {
  const app = useApp();
  const name = () => app.workers.find(props.workerId)?.name ?? "The worker";
  return (
    <div class="register-done">
      <Notice tone="ok">
        <strong>
          <bdi>{name()}</bdi> is verified.
        </strong>{" "}
        It proved that it was started with this very command, so nobody between you and it can pose
        as it, the hub included.
      </Notice>
      <Words label="Fingerprint" words={props.words} />
      <p class="field-hint">The worker prints the same four words.</p>
      <Show when={props.isOneSided}>
        <Notice tone="warn">
          The worker could not be told that it may trust this browser. On its console, run{" "}
          <code>leapmux worker devices list</code> and approve this browser’s words.
        </Notice>
      </Show>
    </div>
  );
}

function Refused(props: RegisterState & { kind: "refused"; again(): void }) {
  const text = () => {
    switch (props.reason) {
      case "wrong_proof":
        return "A worker came with this key, but what it proved does not fit the key that the hub reports for it. Somebody between you and the worker, such as the hub, may have put another key in its place.";
      case "unproven":
        return "A worker came with this key and proved nothing. The part of the key behind the dot was cut off, or somebody between you and the worker took its proof away.";
      case "known":
        return "The hub reports a worker under an id that this browser knows with another key. Somebody may be trying to pose as a worker of yours.";
    }
  };
  return (
    <div class="register-done">
      <Notice tone="danger">
        <strong>This worker is not trusted.</strong> {text()}
      </Notice>
      <p>
        Nothing was pinned, and the key is destroyed. Stop the worker, deregister it in the sidebar,
        and register it again with a new key. If it happens again, do not use this hub.
      </p>
      <div>
        <Button onClick={() => props.again()}>Make a new key</Button>
      </div>
    </div>
  );
}

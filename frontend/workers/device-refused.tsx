import ShieldQuestion from "lucide-solid/icons/shield-question-mark";
import {
  createEffect,
  createSignal,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Switch,
  untrack,
} from "solid-js";
import type { Devices } from "../trust/devices.ts";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { createNow } from "../ui/create-now.ts";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { relativeTime } from "../ui/relative-time.ts";
import { Words } from "../ui/words.tsx";
import { approveCommand, describeDeviceFailure, describeDeviceTrouble } from "./describe-device.ts";
import "./device-refused.css";

const askEveryMs = 10_000;

/**
 * Where the terminal would be, while its worker does not trust this browser: why, and the two ways in.
 * It goes away by itself as soon as the channel opens.
 */
export function DeviceRefused(props: { workerId: string }) {
  const app = useApp();
  const name = () => app.workers.find(props.workerId)?.name ?? "The worker";
  const devices = () => app.devices.parts()?.devices;
  const isRevoked = () => devices()?.view()?.ownRevokedAtMs !== undefined;
  const connection = app.connections.of(props.workerId);
  onMount(() => {
    void app.devices.load().catch(() => {});
  });

  // The worker may know the approval before the hub's next notice does.
  createEffect(
    on(
      () => devices()?.own().kind,
      (kind, before) => {
        if (kind === "approved" && before === "waiting") connection.retryNow();
      },
    ),
  );

  // The worker's console tells nobody but the worker. A page that nobody sees asks nothing.
  onMount(() => {
    const ask = () => {
      const isWaiting = document.visibilityState === "visible" && !isRevoked();
      if (isWaiting && connection.state().kind === "refused") connection.retryNow();
    };
    const timer = setInterval(ask, askEveryMs);
    document.addEventListener("visibilitychange", ask);
    onCleanup(() => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    });
  });

  return (
    <div class="device-refused">
      <div class="device-refused-head">
        <Icon of={ShieldQuestion} size={20} />
        <h2>
          “<bdi>{name()}</bdi>”{" "}
          {isRevoked() ? "keeps this browser out" : "does not know this browser"}
        </h2>
        <p>
          <Show
            when={isRevoked()}
            fallback="It lets in only devices that you trusted, whatever the hub says. These four words stand for this browser:"
          >
            Another device of yours revoked this browser, and workers keep that for ever. With a new
            key it can be approved again, as a new device.
          </Show>
        </p>
        <Show
          when={devices()}
          fallback={<Waiting label="Loading" sentence="Loading what this browser knows." />}
        >
          {(found) => (
            <Show
              when={found().identity()}
              fallback={
                <Show
                  when={found().trouble()}
                  fallback={<Waiting label="Working" sentence="Making a key for this browser." />}
                >
                  {(trouble) => <Notice tone="danger">{describeDeviceTrouble(trouble())}</Notice>}
                </Show>
              }
            >
              {(me) => (
                <Show when={!isRevoked()}>
                  <Words label="This browser" words={me().words} />
                </Show>
              )}
            </Show>
          )}
        </Show>
      </div>
      <Show when={devices()}>
        {(found) => (
          <Show
            when={!isRevoked() && found().identity()}
            fallback={
              <NoKey
                devices={found()}
                canReplace={isRevoked()}
                // A worker approves only what has asked it: its console has to know the new key.
                onReplaced={() => connection.retryNow()}
              />
            }
          >
            {(me) => (
              <div class="device-refused-ways">
                <section class="device-refused-way">
                  <h3>From a device that is trusted already</h3>
                  <AskOthers devices={found()} />
                </section>
                <section class="device-refused-way">
                  <h3>On the worker’s console</h3>
                  <CodeBlock label="Command that approves" text={approveCommand(me().words)} />
                  <p class="field-hint" role="status">
                    This page asks the worker again every {askEveryMs / 1000} seconds and goes on by
                    itself.
                  </p>
                  <Button onClick={() => connection.retryNow()}>Try again now</Button>
                </section>
              </div>
            )}
          </Show>
        )}
      </Show>
    </div>
  );
}

function AskOthers(props: { devices: Devices }) {
  const now = createNow(5_000);
  const own = () => props.devices.own();
  const waiting = () => {
    const state = own();
    return state.kind === "waiting" ? state : undefined;
  };
  const failed = () => {
    const state = own();
    return state.kind === "failed" ? state : undefined;
  };
  const ask = (label: string, variant: "primary" | "plain" = "plain") => (
    <Button variant={variant} onClick={() => void props.devices.requestApproval()}>
      {label}
    </Button>
  );
  return (
    <Switch>
      <Match when={waiting()}>
        {(state) => (
          <>
            <p role="status">
              Asked. Open LeapMux there and compare the four words; this page goes on by itself.
            </p>
            <p class="field-hint">
              The request ends {relativeTime(Math.max(state().expiresAtMs, now()), now())}.
            </p>
          </>
        )}
      </Match>
      <Match when={own().kind === "approved"}>
        <p role="status">
          Approved. If the worker still refuses, the device that approved is not one that it trusts.
        </p>
        {ask("Ask again")}
      </Match>
      <Match when={own().kind === "declined"}>
        <Notice tone="warn">The other device declined.</Notice>
        {ask("Ask again")}
      </Match>
      <Match when={own().kind === "expired"}>
        <Notice tone="plain">Nobody answered within ten minutes.</Notice>
        {ask("Ask again", "primary")}
      </Match>
      <Match when={failed()}>
        {(state) => (
          <>
            <Notice tone="danger">{describeDeviceFailure(state().error)}</Notice>
            {ask("Ask again")}
          </>
        )}
      </Match>
      <Match when={true}>
        <p>It shows the request by itself, with the same four words.</p>
        <Button
          variant="primary"
          busy={own().kind === "asking"}
          onClick={() => void props.devices.requestApproval()}
        >
          Ask another device
        </Button>
      </Match>
    </Switch>
  );
}

/** What is damaged or revoked is replaced only when a person says so. */
function NoKey(props: { devices: Devices; canReplace: boolean; onReplaced(): void }) {
  const [failure, setFailure] = createSignal<string>();
  // This part is gone by the time that there is a new key.
  const onReplaced = untrack(() => props.onReplaced);
  return (
    <Show when={props.canReplace || props.devices.trouble() === "key_damaged"}>
      <Button
        variant="danger"
        onClick={() => {
          props.devices
            .replaceKey()
            .then(onReplaced)
            .catch((error: unknown) => setFailure(describeDeviceFailure(error)));
        }}
      >
        Make a new key for this browser
      </Button>
      <Show when={failure()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
    </Show>
  );
}

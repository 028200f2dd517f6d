import CloudOff from "lucide-solid/icons/cloud-off";
import ShieldAlert from "lucide-solid/icons/shield-alert";
import { createEffect, createMemo, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { relativeTime } from "../ui/relative-time.ts";
import { describeChannelRefusal } from "../workers/describe-channel.ts";
import { useApp } from "./use-app.ts";

interface Trouble {
  readonly tone: "plain" | "danger";
  readonly text: JSX.Element;
  readonly retryAtMs?: number;
  retry?(): void;
  readonly retryLabel?: string;
  /** It is being tried: the button stays, and so does a focus in it. */
  readonly isTrying?: boolean;
}

/** One quiet line over the content while something is away: what, when it is tried again, and a way to do it now. */
export function ConnectionBanner() {
  const app = useApp();
  // Between two tries the banner must not blink.
  const [wasAway, setWasAway] = createSignal(false);
  createEffect(() => {
    const { kind } = app.hub.link();
    if (kind === "waiting") setWasAway(true);
    if (kind === "online") setWasAway(false);
  });

  const trouble = createMemo((): Trouble | undefined => linkTrouble() ?? workerTrouble());

  function linkTrouble(): Trouble | undefined {
    const link = app.hub.link();
    const retry = () => app.actions.run("app.retry");
    // In solo mode the shells live in the same process as the hub.
    const away = app.isSolo()
      ? "LeapMux does not answer."
      : "The hub is away. Your terminals go on running.";
    if (link.kind === "refused") return { tone: "danger", text: link.reason };
    if (link.kind === "waiting") {
      return { tone: "plain", text: away, retryAtMs: link.retryAtMs, retry };
    }
    if (link.kind === "connecting" && wasAway()) {
      return { tone: "plain", text: `${away} Trying now…`, retry, isTrying: true };
    }
    return undefined;
  }

  function workerTrouble(): Trouble | undefined {
    const tab = app.tabs.find(app.place().tabId ?? "");
    if (!tab) return undefined;
    const worker = app.workers.find(tab.workerId);
    const name = worker?.name ?? "The worker";
    const connection = app.connections.of(tab.workerId);
    const state = connection.state();
    const retry = () => connection.retryNow();
    if (state.kind === "refused") {
      // Said where the terminal would be, with what to do about it.
      if (state.reason === "device_not_trusted") return undefined;
      return {
        tone: "danger",
        text: describeChannelRefusal(state.reason, name),
        retry: () => location.reload(),
        retryLabel: "Reload",
      };
    }
    if (worker && !worker.online) {
      const text = `“${name}” is offline. Its terminals come back with it.`;
      return {
        tone: "plain",
        text,
        ...(state.kind === "waiting" ? { retryAtMs: state.retryAtMs, retry } : {}),
      };
    }
    if (state.kind === "waiting") {
      const text = `The channel to “${name}” is closed.`;
      return { tone: "plain", text, retryAtMs: state.retryAtMs, retry };
    }
    return undefined;
  }

  return (
    <Show when={trouble()}>
      {(now) => (
        <Banner
          tone={now().tone}
          shape="float"
          icon={now().tone === "danger" ? ShieldAlert : CloudOff}
          action={
            <Show when={now().retry}>
              {(retry) => (
                <RetryButton
                  label={now().retryLabel ?? "Try now"}
                  busy={now().isTrying === true}
                  retry={() => retry()()}
                />
              )}
            </Show>
          }
        >
          {now().text}
          <Show when={now().retryAtMs}>{(atMs) => <NextTry atMs={atMs()} />}</Show>
        </Banner>
      )}
    </Show>
  );
}

/** The keyboard stays with the terminal, and goes back to it when the button leaves with the focus. */
function RetryButton(props: { label: string; busy: boolean; retry(): void }) {
  const app = useApp();
  let button: HTMLButtonElement | undefined;
  onCleanup(() => button === document.activeElement && app.terminal()?.focus());
  return (
    <Button
      ref={button}
      busy={props.busy}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => props.retry()}
    >
      {props.label}
    </Button>
  );
}

/** Counts down for the eye only: a screen reader would read every second of it. */
function NextTry(props: { atMs: number }) {
  const now = createNow(500);
  return (
    <span class="next-try" aria-hidden="true">
      {" "}
      Next try {relativeTime(Math.max(props.atMs, now()) + 500, now())}.
    </span>
  );
}

import ShieldAlert from "lucide-solid/icons/shield-alert";
import ShieldCheck from "lucide-solid/icons/shield-check";
import ShieldDashed from "lucide-solid/icons/shield";
import ShieldQuestion from "lucide-solid/icons/shield-question-mark";
import { createEffect, createMemo, createSignal, on, Show } from "solid-js";
import { Dot, type Tone } from "../ui/badge.tsx";
import { Icon, type IconComponent } from "../ui/icon.tsx";
import { makePart } from "../ui/part.tsx";
import { type TrustMark, trustMarkOf } from "../workers/describe-channel.ts";
import { useApp } from "./use-app.ts";
import "./status-line.css";

const TrustPopover = makePart(
  async () => (await import("../workers/trust-popover.tsx")).TrustPopover,
);

const icons: Readonly<Record<TrustMark["kind"], IconComponent>> = {
  verified: ShieldCheck,
  pinned: ShieldCheck,
  first: ShieldQuestion,
  refused: ShieldAlert,
  opening: ShieldDashed,
  none: ShieldDashed,
};

/** Connection, worker and trust on the left; size and version on the right. */
export function StatusLine() {
  const app = useApp();
  const [details, setDetails] = createSignal<HTMLElement>();

  const hub = (): { tone: Tone; text: string } => {
    switch (app.hub.link().kind) {
      case "online":
        return { tone: "ok", text: "Connected" };
      case "connecting":
        return { tone: "plain", text: "Connecting" };
      case "waiting":
        return { tone: "warn", text: "Disconnected" };
      case "refused":
        return { tone: "danger", text: "Refused" };
      case "ended":
        return { tone: "warn", text: "Logged out" };
    }
  };
  const workerId = createMemo(
    () =>
      app.tabs.find(app.place().tabId ?? "")?.workerId ??
      app.workers.all.find((worker) => worker.online)?.id,
  );
  const worker = () => app.workers.find(workerId() ?? "");
  const mark = createMemo(() =>
    trustMarkOf(app.connections.of(workerId() ?? "").state(), worker()?.name ?? "The worker"),
  );
  const terminal = () => app.live.get(app.place().tabId ?? "");
  createEffect(on(workerId, () => setDetails(undefined), { defer: true }));

  return (
    <footer class="status-line" data-area="status" aria-label="Status">
      <span class="status-item" role="status">
        <Dot tone={hub().tone} />
        {hub().text}
      </span>
      <Show when={worker()}>
        {(shown) => (
          <button
            type="button"
            class="status-item status-trust"
            data-kind={mark().kind}
            aria-haspopup="dialog"
            aria-expanded={details() !== undefined}
            aria-label={`${shown().name}, channel ${mark().label.toLowerCase()}: details`}
            data-tooltip="How this channel stands"
            onClick={(event) => setDetails(details() ? undefined : event.currentTarget)}
          >
            <Icon of={icons[mark().kind]} size={14} />
            <bdi class="truncate">{shown().name}</bdi>
            <span class="status-trust-label">{mark().label}</span>
          </button>
        )}
      </Show>
      <span class="status-space" />
      <Show when={terminal()}>
        {(shown) => (
          <span class="status-item status-desk" data-tooltip="Columns × rows">
            {shown().cols} × {shown().rows}
          </span>
        )}
      </Show>
      <Show when={app.system()}>
        {(system) => <span class="status-item status-desk">LeapMux {system().version}</span>}
      </Show>
      <Show when={details()} keyed>
        {(anchor) => (
          <TrustPopover
            anchor={anchor}
            workerId={workerId() ?? ""}
            close={() => setDetails(undefined)}
            onMissing={() => setDetails(undefined)}
          />
        )}
      </Show>
    </footer>
  );
}

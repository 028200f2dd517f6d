import Ellipsis from "lucide-solid/icons/ellipsis";
import Plus from "lucide-solid/icons/plus";
import { For, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Badge, Dot, type Tone } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { ListRow } from "../ui/list-row.tsx";
import { openMenu } from "../ui/menu.tsx";
import { makePart } from "../ui/part.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { WorkerEntry } from "./worker-list.ts";
import { workerMenu } from "./worker-menu.ts";
import "./worker-section.css";

/** Pictures load with the first worker that has one. */
const WorkerPicture = makePart(
  async () => (await import("./worker-picture.tsx")).WorkerPicture,
  "asked",
);

export function WorkerSection() {
  const app = useApp();
  return (
    <section aria-labelledby="workers-head">
      <div class="sidebar-section-head">
        <h2 id="workers-head">Workers</h2>
        <Show when={app.actions.get("worker.register").when()}>
          <IconButton
            label="Register a worker"
            icon={Plus}
            onClick={() => {
              app.layout.closeSidebarOverlay();
              app.actions.run("worker.register");
            }}
          />
        </Show>
      </div>
      <Show when={app.workers.loaded()} fallback={<Skeleton lines={1} />}>
        <ul class="sidebar-list">
          <For each={app.workers.all}>
            {(worker) => (
              <li>
                <WorkerRow worker={worker} />
              </li>
            )}
          </For>
        </ul>
        <Show when={app.workers.all.length === 0}>
          <p class="sidebar-hint">None yet. Register one with +.</p>
        </Show>
      </Show>
    </section>
  );
}

function WorkerRow(props: { worker: WorkerEntry }) {
  const app = useApp();
  const now = createNow(30_000);
  const stands = (): { tone: Tone; label: string } => {
    if (!props.worker.online) return { tone: "plain", label: "Offline" };
    const state = app.connections.of(props.worker.id).state();
    if (state.kind === "refused") return { tone: "danger", label: "Refused" };
    return { tone: "ok", label: "Online" };
  };
  const hint = () => {
    const { name, online, lastSeenAtMs } = props.worker;
    if (online) return `${name}: ${stands().label.toLowerCase()}`;
    return lastSeenAtMs > 0 ? `${name}: last seen ${exactTime(lastSeenAtMs)}` : `${name}: offline`;
  };
  const dot = () => (
    <Dot tone={stands().tone} hollow={!props.worker.online} label={stands().label} />
  );
  return (
    <ListRow
      data-tooltip={hint()}
      onContextMenu={(event) => {
        event.preventDefault();
        openMenu(workerMenu(app, props.worker, { x: event.clientX, y: event.clientY }));
      }}
      actions={
        <IconButton
          label={`More for ${props.worker.name}`}
          icon={Ellipsis}
          aria-haspopup="menu"
          onClick={(event) => openMenu(workerMenu(app, props.worker, event.currentTarget))}
        />
      }
      lead={
        <Show when={props.worker.icon} fallback={dot()}>
          {(icon) => (
            <span class="worker-lead">
              <WorkerPicture name={icon()} />
              {dot()}
            </span>
          )}
        </Show>
      }
      label={<bdi>{props.worker.name}</bdi>}
      trail={
        <Show
          when={props.worker.online}
          fallback={
            <span>
              {props.worker.lastSeenAtMs > 0
                ? relativeTime(Math.min(props.worker.lastSeenAtMs, now()), now())
                : "offline"}
            </span>
          }
        >
          <Show when={props.worker.deregistering}>
            <Badge tone="warn">stopping</Badge>
          </Show>
          <Show when={stands().tone === "danger"}>
            <Badge tone="danger">refused</Badge>
          </Show>
        </Show>
      }
    />
  );
}

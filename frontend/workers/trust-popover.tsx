import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { WorkerInfoService } from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { createResource, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { Popover } from "../ui/popover.tsx";
import { duration } from "../ui/relative-time.ts";
import { Words } from "../ui/words.tsx";
import { describeConnected, trustMarkOf } from "./describe-channel.ts";
import "./trust-popover.css";

/** How the channel to a worker stands: the words to compare, and the facts behind the mark. */
export function TrustPopover(props: { anchor: HTMLElement; workerId: string; close(): void }) {
  const app = useApp();
  const connection = app.connections.of(props.workerId);
  const name = () => app.workers.find(props.workerId)?.name ?? "Worker";
  const mark = () => trustMarkOf(connection.state(), name());
  const now = createNow(1000);
  const status = () => (now(), connection.status());

  const [info] = createResource(
    () => connection.state().kind === "open",
    async () => {
      const ask = () => connection.client(WorkerInfoService).getWorkerInfo({}, { timeoutMs: 5000 });
      try {
        await ask();
        // The second call meets an open channel and a warm page: what it takes is the way.
        const startedMs = performance.now();
        const answer = await ask();
        return { ...answer, roundTripMs: performance.now() - startedMs };
      } catch {
        return undefined;
      }
    },
  );

  const identity = () => app.devices.parts()?.devices.identity();
  onMount(() => {
    if (!app.isSolo()) void app.devices.load().catch(() => {});
  });
  // Old workers, and those that take the hub's word, say nothing: then nothing is shown.
  const [connected] = createResource(
    () => connection.state().kind === "open" && !app.isSolo() && identity(),
    async (me) => {
      const client = connection.client(WorkerDeviceService);
      const list = await client.listDevices({}, { timeoutMs: 5000 }).catch(() => undefined);
      return list && describeConnected(list.devices, list.clientAuth, me.deviceId);
    },
  );

  return (
    <Popover anchor={props.anchor} title={`${mark().label}: ${name()}`} onClose={props.close}>
      <p class="trust-explanation">{mark().explanation}</p>
      <Show
        when={connection.fingerprint()}
        fallback={<p class="trust-explanation">The words appear once the channel is open.</p>}
      >
        {(fingerprint) => (
          <>
            <h3 class="trust-head">Fingerprint</h3>
            <Words label="Fingerprint" words={fingerprint().words} />
            <details class="trust-long">
              <summary>Long form, for a careful comparison</summary>
              <Words label="Long fingerprint" words={fingerprint().longWords} />
            </details>
          </>
        )}
      </Show>
      <dl class="trust-facts">
        <Show when={status()}>
          {(open) => (
            <>
              <dt>Encryption</dt>
              <dd>
                {open().mode === "post-quantum"
                  ? "Post-quantum, end to end"
                  : "Classic, end to end"}
              </dd>
              <dt>Key age</dt>
              <dd>
                {duration(open().keyAgeMs)}
                {open().rekeyCount > 0 ? `, renewed ${open().rekeyCount} ×` : ""}
              </dd>
            </>
          )}
        </Show>
        <Show when={info.state === "ready" && info()}>
          {(worker) => (
            <>
              <dt>Round trip</dt>
              <dd>{Math.max(1, Math.round(worker().roundTripMs))} ms</dd>
              <dt>Machine</dt>
              <dd>
                <bdi>
                  {worker().userName}@{worker().hostName}
                </bdi>{" "}
                ({worker().os}, {worker().arch})
              </dd>
              <dt>Worker version</dt>
              <dd>{worker().version}</dd>
            </>
          )}
        </Show>
        <dt>This browser</dt>
        <dd>
          <Show
            when={!app.isSolo()}
            fallback="Needs no proof: the worker runs in the same process as the hub."
          >
            <Show when={identity()} fallback="Its key is being loaded.">
              {(me) => <span class="trust-words">{me().words.join(" ")}</span>}
            </Show>
          </Show>
        </dd>
        <Show when={connected()}>
          {(others) => (
            <>
              <dt>Also connected</dt>
              <dd>{others()}</dd>
            </>
          )}
        </Show>
      </dl>
      <div class="trust-buttons">
        <Show when={connection.state().kind === "waiting"}>
          <Button onClick={() => connection.retryNow()}>Try now</Button>
        </Show>
        <Show when={app.workers.find(props.workerId)}>
          <Button
            onClick={() => {
              props.close();
              app.dialogs.open({ kind: "worker", workerId: props.workerId });
            }}
          >
            All about this worker
          </Button>
        </Show>
      </div>
    </Popover>
  );
}

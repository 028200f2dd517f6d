import {
  type GetWorkerInfoResponse,
  WorkerInfoService,
} from "@leapmux/proto/sealed/v1/worker_info_pb.ts";
import { createResource, createSignal, Match, onCleanup, Show, Switch } from "solid-js";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { createNow } from "../ui/create-now.ts";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { duration, exactTime } from "../ui/relative-time.ts";
import { describeFailure } from "../workspace/describe-failure.ts";
import { formatBytes } from "./format-bytes.ts";

const everyMs = 5_000;
const timeoutMs = 10_000;

/** What the worker says about itself, end to end: the hub knows none of it. Anew every few seconds. */
export function WorkerFacts(props: { connection: WorkerConnection; name: string }) {
  const [shown, setShown] = createSignal<GetWorkerInfoResponse>();
  const [failure, setFailure] = createSignal<string>();
  const [info, { refetch }] = createResource(async () => {
    try {
      const client = props.connection.client(WorkerInfoService);
      setShown(await client.getWorkerInfo({}, { timeoutMs }));
      setFailure(undefined);
    } catch (error) {
      setFailure(describeFailure(error));
    }
  });
  const timer = setInterval(() => info.loading || void refetch(), everyMs);
  onCleanup(() => clearInterval(timer));

  return (
    <section class="worker-part">
      <h3>Machine</h3>
      <Switch>
        <Match when={failure()}>{(text) => <Notice tone="plain">{text()}</Notice>}</Match>
        <Match when={shown()}>{(answer) => <Facts info={answer()} />}</Match>
        <Match when={true}>
          <Waiting label="Asking the worker" sentence={`Waiting for “${props.name}” to answer.`} />
        </Match>
      </Switch>
    </section>
  );
}

function Facts(props: { info: GetWorkerInfoResponse }) {
  const now = createNow(1000);
  const load = () => props.info.loadAverages.map((each) => each.toFixed(2)).join(" · ");
  const used = () => {
    const { memoryBytes, freeMemoryBytes } = props.info;
    return memoryBytes > freeMemoryBytes ? memoryBytes - freeMemoryBytes : 0n;
  };
  const startedMs = () => Number(props.info.startedAtMs);
  return (
    <dl class="worker-facts">
      <dt>Host</dt>
      <dd>
        <bdi>
          {props.info.userName}@{props.info.hostName}
        </bdi>
      </dd>
      <dt>System</dt>
      <dd>
        {props.info.os}, {props.info.arch}
      </dd>
      <dt>Version</dt>
      <dd>{props.info.version}</dd>
      <dt>Up for</dt>
      <dd data-tooltip={exactTime(startedMs())}>{duration(now() - startedMs())}</dd>
      <Show when={props.info.loadAverages.length > 0}>
        <dt>Load</dt>
        <dd data-tooltip="Over 1, 5 and 15 minutes">
          {load()} on {props.info.processors} {props.info.processors === 1 ? "core" : "cores"}
        </dd>
      </Show>
      <Show when={props.info.memoryBytes > 0n}>
        <dt>Memory</dt>
        <dd>
          {formatBytes(used())} of {formatBytes(props.info.memoryBytes)}
        </dd>
      </Show>
      <dt>Open terminals</dt>
      <dd>{props.info.openTerminals}</dd>
    </dl>
  );
}

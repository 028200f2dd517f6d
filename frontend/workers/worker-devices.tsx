import {
  type ListDevicesResponse,
  type RefusedOpening,
  type WorkerDevice,
  WorkerDeviceService,
} from "@leapmux/proto/sealed/v1/device_pb.ts";
import { devicePublicKeyBytes } from "@leapmux/shared/limits/limits.ts";
import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone";
import { createResource, For, Match, Show, Switch } from "solid-js";
import { useApp } from "../app/use-app.ts";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { Badge } from "../ui/badge.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { describeFailure } from "../workspace/describe-failure.ts";
import { describeOpeningRefusal } from "./describe-channel.ts";

const timeoutMs = 10_000;
const mostShown = 50;

/** Whom the worker lets in and whom it did not, as it says itself through the channel. */
export function WorkerDevices(props: { connection: WorkerConnection; name: string }) {
  const [answer] = createResource(
    async (): Promise<{ list: ListDevicesResponse } | { failure: string }> => {
      try {
        const client = props.connection.client(WorkerDeviceService);
        return { list: await client.listDevices({}, { timeoutMs }) };
      } catch (error) {
        return { failure: describeFailure(error) };
      }
    },
  );
  const failure = () => {
    const now = answer();
    return now && "failure" in now ? now.failure : undefined;
  };
  const list = () => {
    const now = answer();
    return now && "list" in now ? now.list : undefined;
  };
  return (
    <Switch>
      <Match when={list()}>{(found) => <Lists list={found()} />}</Match>
      <Match when={failure()}>
        {(text) => (
          <section class="worker-part">
            <h3>Devices</h3>
            <Notice tone="plain">{text()}</Notice>
          </section>
        )}
      </Match>
      <Match when={true}>
        <section class="worker-part">
          <h3>Devices</h3>
          <Waiting label="Asking the worker" sentence={`Waiting for “${props.name}” to answer.`} />
        </section>
      </Match>
    </Switch>
  );
}

function Lists(props: { list: ListDevicesResponse }) {
  const isPaired = () => props.list.clientAuth === "paired";
  return (
    <>
      <section class="worker-part">
        <h3>Devices that it trusts</h3>
        <Show when={!isPaired()}>
          <p class="field-hint">
            It runs with --client-auth hub: it takes the hub’s word for who you are, and needs no
            device to be trusted.
          </p>
        </Show>
        <Show
          when={props.list.devices.length > 0}
          fallback={<p class="field-hint">None has come yet.</p>}
        >
          <ul class="detail-list">
            <For each={props.list.devices.slice(0, mostShown)}>
              {(device) => <DeviceRow device={device} />}
            </For>
          </ul>
        </Show>
      </section>
      <section class="worker-part">
        <h3>Refused openings</h3>
        <Show
          when={props.list.refusals.length > 0}
          fallback={<p class="field-hint">None since the worker remembers.</p>}
        >
          <ul class="detail-list">
            <For each={latestFirst(props.list.refusals)}>
              {(refusal) => <RefusalRow refusal={refusal} />}
            </For>
          </ul>
        </Show>
      </section>
    </>
  );
}

function DeviceRow(props: { device: WorkerDevice }) {
  const app = useApp();
  const now = createNow(30_000);
  const { device } = props;
  const [words] = createResource(async () => {
    // A device that came without a key, in hub mode, has none to be named by.
    if (device.devicePublicKey.length !== devicePublicKeyBytes) return undefined;
    const { operations } = await app.devices.load();
    const { words: found } = await operations.describe({ publicKey: device.devicePublicKey });
    return found.join(" ");
  });
  const isThis = () => app.devices.parts()?.devices.identity()?.deviceId === device.deviceId;
  const seenMs = Number(device.lastSeenAtMs);
  const seen = () => {
    if (device.connected) return "connected now";
    return seenMs === 0
      ? "never seen"
      : `last seen ${relativeTime(Math.min(seenMs, now()), now())}`;
  };
  return (
    <DetailRow
      icon={MonitorSmartphone}
      title={
        <span class="devices-words">
          {words.error ? device.deviceId : (words() ?? device.deviceId)}
        </span>
      }
      badges={
        <>
          <Show when={isThis()}>
            <Badge tone="ok">this browser</Badge>
          </Show>
          <Show when={device.revoked}>
            <Badge tone="danger">revoked</Badge>
          </Show>
        </>
      }
      details={
        <>
          {device.root ? "Paired, or approved on its console" : "By another device’s approval"} ·{" "}
          <time title={seenMs > 0 ? exactTime(seenMs) : undefined}>{seen()}</time>
        </>
      }
    />
  );
}

function RefusalRow(props: { refusal: RefusedOpening }) {
  const now = createNow(30_000);
  const { refusal } = props;
  const atMs = Number(refusal.atMs);
  return (
    <DetailRow
      title={describeOpeningRefusal(refusal.reason)}
      details={
        <>
          <time title={exactTime(atMs)}>{relativeTime(Math.min(atMs, now()), now())}</time>
          <Show when={refusal.detail}>
            {" "}
            · <bdi>{refusal.detail}</bdi>
          </Show>
          <Show when={refusal.deviceId}>
            {" "}
            · <bdi>{refusal.deviceId}</bdi>
          </Show>
        </>
      }
    />
  );
}

function latestFirst(refusals: readonly RefusedOpening[]): readonly RefusedOpening[] {
  return refusals.toSorted((a, b) => Number(b.atMs - a.atMs)).slice(0, mostShown);
}

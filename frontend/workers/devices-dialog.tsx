import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone";
import { createResource, createSignal, For, onMount, Show } from "solid-js";
import { describeClient } from "../account/describe-client.ts";
import { useApp } from "../app/use-app.ts";
import type { DeviceName } from "../trust/device-operations.ts";
import type { Devices } from "../trust/devices.ts";
import type { KnownDevice } from "../trust/find-devices.ts";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { Words } from "../ui/words.tsx";
import { describeDeviceFailure, describeDeviceTrouble } from "./describe-device.ts";
import { OtherDevice, type SectionProps } from "./other-device.tsx";
import "./devices-dialog.css";

/** This device, those that ask to be trusted, and those that are or were. */
export function DevicesDialog() {
  const app = useApp();
  const [failure, setFailure] = createSignal<string>();
  const devices = () => app.devices.parts()?.devices;

  function run(what: Promise<unknown>): void {
    setFailure(undefined);
    what.catch((error: unknown) => setFailure(describeDeviceFailure(error)));
  }
  onMount(() => run(app.devices.load().then((parts) => parts.devices.refresh())));

  return (
    <Dialog
      open
      size="medium"
      title="Devices"
      description="Your workers let in only devices that you trust. Each browser is one."
      onClose={app.dialogs.close}
      footer={
        <Button variant="primary" onClick={app.dialogs.close}>
          Done
        </Button>
      }
    >
      <Show when={failure()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
      <Show
        when={devices()}
        fallback={<Waiting label="Loading devices" sentence="Waiting for the hub to answer." />}
      >
        {(found) => (
          <>
            <ThisDevice devices={found()} run={run} />
            <Requests devices={found()} run={run} />
            <Unconfirmed devices={found()} run={run} />
            <Others devices={found()} run={run} />
          </>
        )}
      </Show>
    </Dialog>
  );
}

function ThisDevice(props: SectionProps) {
  return (
    <section class="devices-section">
      <h3>This browser</h3>
      <Show when={props.devices.view()?.ownRevokedAtMs}>
        {(atMs) => (
          <>
            <Notice tone="danger">
              It was revoked by another device of yours on {exactTime(atMs())}. No worker lets it in
              any more.
            </Notice>
            <ReplaceKey {...props} />
          </>
        )}
      </Show>
      <Show when={props.devices.trouble()}>
        {(trouble) => (
          <>
            <Notice tone="danger">{describeDeviceTrouble(trouble())}</Notice>
            <Show when={trouble() === "key_damaged"}>
              <ReplaceKey {...props} />
            </Show>
          </>
        )}
      </Show>
      <Show when={props.devices.identity()}>
        {(me) => (
          <>
            <Words label="This browser" words={me().words} />
            <p class="field-hint devices-id">{me().deviceId}</p>
          </>
        )}
      </Show>
    </section>
  );
}

function ReplaceKey(props: SectionProps) {
  return (
    <div>
      <Button variant="danger" onClick={() => props.run(props.devices.replaceKey())}>
        Make a new key for this browser
      </Button>
    </div>
  );
}

function Requests(props: SectionProps) {
  const app = useApp();
  const now = createNow(10_000);
  return (
    <Show when={props.devices.requests().length > 0}>
      <section class="devices-section">
        <h3>Ask to be trusted</h3>
        <ul class="detail-list">
          <For each={props.devices.requests()}>
            {(device) => (
              <DetailRow
                icon={MonitorSmartphone}
                title={<span class="devices-words">{device.words.join(" ")}</span>}
                details={
                  <>
                    {describeClient(device.userAgent, false).text}
                    <Show when={device.address}>
                      {" "}
                      · <bdi>{device.address}</bdi>
                    </Show>{" "}
                    · {relativeTime(Math.min(device.createdAtMs, now()), now())}
                  </>
                }
                actions={
                  <Button
                    variant="primary"
                    onClick={() => app.dialogs.open({ kind: "approve-device", device })}
                  >
                    Compare…
                  </Button>
                }
              />
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}

/** The other half of an approval: whoever vouches for this browser may be anybody until it is compared. */
function Unconfirmed(props: SectionProps) {
  return (
    <For each={props.devices.unconfirmed()}>
      {(device) => (
        <section class="devices-section">
          <h3>Is this the device that approved this browser?</h3>
          <p>
            Look under “Devices” there. If it shows these words for itself, workers that know only
            this browser will let it in too.
          </p>
          <WordsOf devices={props.devices} device={device} label="Approving device" />
          <div class="devices-row">
            <Button variant="primary" onClick={() => props.run(props.devices.confirm(device))}>
              It shows these words
            </Button>
            <Button variant="quiet" onClick={() => props.devices.dismiss(device)}>
              It does not, or not now
            </Button>
          </div>
        </section>
      )}
    </For>
  );
}

function Others(props: SectionProps) {
  const others = () => {
    // Those stand above, with a question.
    const asked = new Set(props.devices.unconfirmed().map(({ deviceId }) => deviceId));
    const all = props.devices.view()?.others ?? [];
    return all
      .filter(({ deviceId }) => !asked.has(deviceId))
      .toSorted((a, b) => rank(a) - rank(b) || b.untilMs - a.untilMs);
  };
  return (
    <Show when={others().length > 0 || props.devices.unconfirmed().length === 0}>
      <section class="devices-section">
        <h3>Other devices</h3>
        <Show
          when={props.devices.view()}
          fallback={<Waiting label="Loading devices" sentence="Waiting for the hub to answer." />}
        >
          <Show
            when={others().length > 0}
            fallback={
              <p class="field-hint">
                None yet. Log in with another browser: where a worker asks for it, it requests your
                approval, and the request appears here.
              </p>
            }
          >
            <ul class="detail-list">
              <For each={others()}>{(device) => <OtherDevice {...props} device={device} />}</For>
            </ul>
          </Show>
        </Show>
      </section>
    </Show>
  );
}

function WordsOf(props: { devices: Devices; device: DeviceName; label: string }) {
  const [words] = createResource(() => props.devices.words(props.device).catch(() => undefined));
  return (
    <Show when={words()} fallback={<Waiting label="Working" sentence="Working out the words." />}>
      {(found) => <Words label={props.label} words={found()} />}
    </Show>
  );
}

function rank({ standing }: KnownDevice): number {
  return ["trusted", "vouching", "other", "revoked"].indexOf(standing);
}

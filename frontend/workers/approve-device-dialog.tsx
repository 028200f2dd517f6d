import { createSignal, Show } from "solid-js";
import { describeClient } from "../account/describe-client.ts";
import { useApp } from "../app/use-app.ts";
import type { WaitingDevice } from "../trust/devices.ts";
import { Button } from "../ui/button.tsx";
import { Check } from "../ui/check.tsx";
import { createNow } from "../ui/create-now.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { Words } from "../ui/words.tsx";
import { describeDeviceFailure } from "./describe-device.ts";
import "./devices-dialog.css";

/**
 * Whether another device is the user's own. The words are of the key that will be signed for, and
 * nothing is signed before a person said that they saw the same ones there.
 */
export function ApproveDeviceDialog(props: { device: WaitingDevice }) {
  const app = useApp();
  const { device } = props;
  const [isSame, setSame] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<string>();
  const now = createNow(5_000);
  const isOver = () => now() >= device.expiresAtMs;
  const client = describeClient(device.userAgent, false);
  let decline: HTMLButtonElement | undefined;

  async function answer(isApproved: boolean): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const { devices } = await app.devices.load();
      await (isApproved ? devices.approve(device) : devices.decline(device));
      app.dialogs.close();
      const text = isApproved
        ? "The device is trusted. Confirm this one there, with the words shown under “Devices”."
        : "The request was declined.";
      app.toasts.show({ text });
    } catch (error) {
      setFailure(describeDeviceFailure(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      alert
      size="medium"
      title="A new device asks to be trusted"
      description={
        <>
          It says that it is yours: {client.text}
          <Show when={device.address}>
            {" "}
            at <bdi>{device.address}</bdi>
          </Show>
          ,{" "}
          <time title={exactTime(device.createdAtMs)}>
            {relativeTime(Math.min(device.createdAtMs, now()), now())}
          </time>
          . Trusted, it can do everything that you can on your workers.
        </>
      }
      initialFocus={() => decline}
      onClose={app.dialogs.close}
      footer={
        <>
          <Button variant="quiet" onClick={app.dialogs.close}>
            Later
          </Button>
          <Button
            ref={(element) => (decline = element)}
            busy={busy()}
            onClick={() => void answer(false)}
          >
            Decline
          </Button>
          <Button
            variant="primary"
            busy={busy()}
            disabled={!isSame() || isOver()}
            onClick={() => void answer(true)}
          >
            Trust the device
          </Button>
        </>
      }
    >
      <div class="device-compare">
        <p>Compare with the words on the new device:</p>
        <Words label="New device" words={device.words} />
        <p class="field-hint">
          If you did not just open LeapMux there, or if a single word differs, decline.
        </p>
      </div>
      <Check
        label="The new device shows exactly these words"
        checked={isSame()}
        onChange={setSame}
      />
      <Show when={isOver()}>
        <Notice tone="warn">The request has ended. Ask again on the new device.</Notice>
      </Show>
      <Show when={failure()}>{(text) => <Notice tone="danger">{text()}</Notice>}</Show>
    </Dialog>
  );
}

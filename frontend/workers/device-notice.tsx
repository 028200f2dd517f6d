import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone";
import { createSignal, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import type { Devices } from "../trust/devices.ts";
import { Banner } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import "./device-notice.css";

/** What waits for a person, wherever in the page they are: a device to compare. It says so until they did. */
export function DeviceNotice(props: { devices: Devices }) {
  const app = useApp();
  const [put, setPut] = createSignal<ReadonlySet<string>>(new Set());
  const waiting = () => {
    const [request] = props.devices.requests().filter((each) => !put().has(each.requestId));
    if (request) {
      return {
        id: request.requestId,
        text: "A new device asks to be trusted.",
        open: () => app.dialogs.open({ kind: "approve-device", device: request }),
      };
    }
    const [approver] = props.devices.unconfirmed().filter((each) => !put().has(each.deviceId));
    return (
      approver && {
        id: approver.deviceId,
        text: "This browser was approved. Confirm the device that did it.",
        open: () => app.dialogs.open({ kind: "devices" }),
      }
    );
  };
  return (
    <div class="device-notice">
      <Show when={app.dialogs.current() === undefined && waiting()}>
        {(now) => (
          <Banner
            tone="info"
            shape="float"
            icon={MonitorSmartphone}
            action={
              <>
                <Button
                  variant="primary"
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => now().open()}
                >
                  Compare words
                </Button>
                <Button
                  variant="quiet"
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => setPut((before) => new Set([...before, now().id]))}
                >
                  Later
                </Button>
              </>
            }
          >
            {now().text}
          </Banner>
        )}
      </Show>
    </div>
  );
}

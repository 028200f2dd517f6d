import MonitorSmartphone from "lucide-solid/icons/monitor-smartphone";
import { createResource, createSignal, Show } from "solid-js";
import type { Devices } from "../trust/devices.ts";
import type { KnownDevice } from "../trust/find-devices.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime } from "../ui/relative-time.ts";
import { formatDaysLeft } from "./describe-device.ts";

/** What every part of the dialog about devices gets. */
export interface SectionProps {
  devices: Devices;
  /** Shows what goes wrong. */
  run(what: Promise<unknown>): void;
}

/** Another device of the account: how it stands, by whose word, and the way to revoke it. */
export function OtherDevice(props: SectionProps & { device: KnownDevice }) {
  const now = createNow(60_000);
  const [isAsking, setAsking] = createSignal(false);
  const { device } = props;
  const [words] = createResource(() => props.devices.words(device).catch(() => undefined));
  const [issuers] = createResource(() => Promise.all(device.trustedBy.map(nameOf)));

  async function nameOf(deviceId: string): Promise<string> {
    if (deviceId === props.devices.identity()?.deviceId) return "this browser";
    const issuer = props.devices.view()?.others.find((other) => other.deviceId === deviceId);
    const found = issuer && (await props.devices.words(issuer).catch(() => undefined));
    return found ? `“${found.join(" ")}”` : deviceId;
  }
  const details = () => {
    if (device.standing === "revoked") {
      return `Revoked ${exactTime(device.revokedAtMs ?? 0)}. Workers keep it out for ever.`;
    }
    const by = issuers()?.join(", ");
    const until = formatDaysLeft(device.untilMs, now());
    if (device.standing === "other") {
      return by ? `Trusted by ${by}, not by this browser · ${until}` : `Approval ${until}`;
    }
    if (device.standing === "vouching") return "Approved this browser, which has not confirmed it";
    return by ? `Approved by ${by} · ${until}, renewed by itself` : until;
  };

  return (
    <DetailRow
      icon={MonitorSmartphone}
      title={
        <span class="devices-words" data-tooltip={device.deviceId}>
          {words()?.join(" ") ?? device.deviceId}
        </span>
      }
      badges={<StandingBadge standing={device.standing} />}
      details={details()}
      actions={
        <Show when={device.standing !== "revoked" && !isAsking()}>
          <Button
            variant="quiet"
            aria-label={`Revoke ${words()?.join(" ") ?? device.deviceId}`}
            onClick={() => setAsking(true)}
          >
            Revoke…
          </Button>
        </Show>
      }
    >
      <Show when={isAsking()}>
        <Notice tone="warn">
          Its terminals close at once on every worker that can be reached, on the others as soon as
          they can. This cannot be taken back: that browser would need a new key.
        </Notice>
        <div class="devices-row">
          <Button
            variant="danger"
            onClick={() => {
              setAsking(false);
              props.run(props.devices.revoke(device));
            }}
          >
            Revoke this device
          </Button>
          <Button ref={focusSoon} onClick={() => setAsking(false)}>
            Cancel
          </Button>
        </div>
      </Show>
    </DetailRow>
  );
}

function StandingBadge(props: { standing: KnownDevice["standing"] }) {
  switch (props.standing) {
    case "trusted":
      return <Badge tone="ok">trusted</Badge>;
    case "revoked":
      return <Badge tone="danger">revoked</Badge>;
    case "vouching":
      return <Badge tone="info">to be confirmed</Badge>;
    case "other":
      return <Badge>not trusted here</Badge>;
  }
}

/** The button that asked is gone; the safe one has the focus. */
function focusSoon(element: HTMLElement): void {
  queueMicrotask(() => element.focus());
}

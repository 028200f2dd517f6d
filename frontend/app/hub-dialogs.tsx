import { type JSX, Match, Switch } from "solid-js";
import { makePart } from "../ui/part.tsx";
import type { DialogRequest } from "./dialogs.ts";
import { useApp } from "./use-app.ts";

const AccountDialog = makePart(
  async () => (await import("../account/account-dialog.tsx")).AccountDialog,
  "asked",
);
const AdministrationDialog = makePart(
  async () => (await import("../administration/administration-dialog.tsx")).AdministrationDialog,
  "asked",
);
const RegisterDialog = makePart(
  async () => (await import("../workers/register-dialog.tsx")).RegisterDialog,
  "asked",
);
const WorkerDialog = makePart(
  async () => (await import("../workers/worker-dialog.tsx")).WorkerDialog,
  "asked",
);
const DeregisterDialog = makePart(
  async () => (await import("../workers/deregister-dialog.tsx")).DeregisterDialog,
  "asked",
);
const DevicesDialog = makePart(
  async () => (await import("../workers/devices-dialog.tsx")).DevicesDialog,
  "asked",
);
const ApproveDeviceDialog = makePart(
  async () => (await import("../workers/approve-device-dialog.tsx")).ApproveDeviceDialog,
  "asked",
);

/** Dialogs that only a hub with logins has: the first terminal of solo mode does without all of them. */
export function HubDialogs(props: { onMissing?: () => void; waiting?: JSX.Element }) {
  const { dialogs } = useApp();
  type OfKind<Kind extends DialogRequest["kind"]> = Extract<DialogRequest, { kind: Kind }>;
  const request = <Kind extends DialogRequest["kind"]>(kind: Kind) => {
    const now = dialogs.current();
    return now?.kind === kind ? (now as OfKind<Kind>) : undefined;
  };
  return (
    <Switch>
      <Match when={request("account")}>
        <AccountDialog {...props} />
      </Match>
      <Match when={request("administration")}>
        <AdministrationDialog {...props} />
      </Match>
      <Match when={request("register-worker")}>
        <RegisterDialog {...props} />
      </Match>
      <Match when={request("worker")} keyed>
        {(now) => <WorkerDialog workerId={now.workerId} {...props} />}
      </Match>
      <Match when={request("deregister-worker")} keyed>
        {(now) => <DeregisterDialog workerId={now.workerId} {...props} />}
      </Match>
      <Match when={request("devices")}>
        <DevicesDialog {...props} />
      </Match>
      <Match when={request("approve-device")} keyed>
        {(now) => <ApproveDeviceDialog device={now.device} {...props} />}
      </Match>
    </Switch>
  );
}

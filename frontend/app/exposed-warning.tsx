import TriangleAlert from "lucide-solid/icons/triangle-alert";
import { Show } from "solid-js";
import { Banner } from "../ui/banner.tsx";
import { useApp } from "./use-app.ts";

/** Stands as long as it is true: anybody who reaches the port has the user's shells. */
export function ExposedWarning() {
  const app = useApp();
  return (
    <Show when={app.system()?.exposed}>
      <Banner tone="danger" shape="strip" icon={TriangleAlert}>
        <strong>Anyone who can reach this address controls this machine.</strong> LeapMux listens
        beyond this computer without logins. Restart it on 127.0.0.1 and come in through an SSH
        tunnel.
      </Banner>
    </Show>
  );
}

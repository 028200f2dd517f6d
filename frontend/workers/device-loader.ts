import { type GetSystemInfoResponse, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { createEffect, createSignal, getOwner, onCleanup, runWithOwner } from "solid-js";
import type { HubClient } from "../link/hub-client.ts";
import type { WorkerConnections } from "../link/worker-connections.ts";
import type { DeviceParts } from "./device-parts.ts";
import type { WorkerList } from "./worker-list.ts";

export interface DeviceLoaderNeeds {
  readonly hub: HubClient;
  readonly connections: WorkerConnections;
  readonly workers: WorkerList;
  system(): GetSystemInfoResponse | undefined;
}

export interface DeviceLoader {
  /** Undefined until loaded. Reactive. */
  parts(): DeviceParts | undefined;
  load(): Promise<DeviceParts>;
}

/** The first terminal comes first. */
const delayMs = 1_500;

/** Brings the account's devices in once somebody is logged in; solo mode has none and loads nothing. */
export function createDeviceLoader(needs: DeviceLoaderNeeds): DeviceLoader {
  const owner = getOwner();
  const [parts, setParts] = createSignal<DeviceParts>();
  let loading: Promise<DeviceParts> | undefined;

  async function loadOnce(): Promise<DeviceParts> {
    const { createDeviceParts } = await import("./device-parts.ts");
    const made = runWithOwner(owner, () => createDeviceParts(needs));
    if (!made) throw new Error("the page is gone");
    setParts(made);
    return made;
  }

  function load(): Promise<DeviceParts> {
    loading ??= loadOnce().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  createEffect(() => {
    const system = needs.system();
    if (!system || system.kind === HubKind.SOLO || system.userId === "") return;
    const timer = setTimeout(() => void load().catch(() => {}), delayMs);
    onCleanup(() => clearTimeout(timer));
  });

  return { parts, load };
}

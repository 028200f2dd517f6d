import { createSignal } from "solid-js";
import type { WaitingDevice } from "../trust/devices.ts";
import type { WhatRuns } from "../workspace/look-what-runs.ts";

/** The one dialog that is open. Each is a part that arrives later. */
export type DialogRequest =
  | { readonly kind: "palette" }
  | { readonly kind: "shortcuts" }
  | { readonly kind: "preferences" }
  | { readonly kind: "about" }
  | { readonly kind: "account" }
  | { readonly kind: "administration" }
  | {
      readonly kind: "close-tab";
      readonly tabId: string;
      readonly runs: Exclude<WhatRuns, { kind: "nothing" }>;
    }
  | { readonly kind: "tabless"; readonly workerId: string }
  | { readonly kind: "register-worker" }
  | { readonly kind: "worker"; readonly workerId: string }
  | { readonly kind: "deregister-worker"; readonly workerId: string }
  | { readonly kind: "devices" }
  | { readonly kind: "approve-device"; readonly device: WaitingDevice }
  | { readonly kind: "delete-workspace"; readonly workspaceId: string };

export interface Dialogs {
  current(): DialogRequest | undefined;
  open(request: DialogRequest): void;
  close(): void;
}

export function createDialogs(): Dialogs {
  const [current, setCurrent] = createSignal<DialogRequest>();
  return { current, open: setCurrent, close: () => setCurrent(undefined) };
}

import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { createSignal } from "solid-js";
import { makeCallHub } from "./call-hub.ts";
import { makeHubTransport } from "./hub-transport.ts";
import type { ControlPlaneChange, LinkState, LoginEnd } from "@leapmux/shared/client/link-state.ts";
import { type CryptoThread, spawnCryptoThread } from "./spawn-crypto-thread.ts";

/**
 * The page's view of its hub: control calls from the page itself, the link through the crypto
 * thread. One per page; the app's context makes it. The link dials at once and redials by itself.
 */
export interface HubClient {
  readonly workspaces: Client<typeof WorkspaceService>;
  readonly workers: Client<typeof WorkerService>;
  /** Reactive. */
  link(): LinkState;
  /** Ends the wait for the next try, of the link and of every channel. */
  retryNow(): void;
  /** The hub says that something changed; also called after the link came back. Returns its removal. */
  onChanged(changed: (change: ControlPlaneChange) => void): () => void;
  /** For clients of services that not every page needs. */
  readonly transport: Transport;
  /** For createWorkerConnections. */
  readonly thread: CryptoThread;
  dispose(): void;
}

const everything: ControlPlaneChange = {
  workers: true,
  workspaces: true,
  workspaceIds: [],
  account: true,
  devices: true,
  registrations: true,
};

/** A worker may come after the first list was asked for and before the first link stands. */
const missedAtFirst: ControlPlaneChange = {
  workers: true,
  workspaces: false,
  workspaceIds: [],
  account: false,
  devices: false,
  registrations: false,
};

/** Refused for want of a login, and not for a wrong password or the like. */
const loginEnds: ReadonlyMap<string, LoginEnd> = new Map([
  ["unauthenticated", "unknown"],
  ["credential_revoked", "unknown"],
  ["login_expired", "expired"],
]);

export function createHubClient(thread?: CryptoThread): HubClient {
  const [link, setLink] = createSignal<LinkState>({ kind: "connecting" });
  const callHub = makeCallHub(location.origin);
  const transport = makeHubTransport(async (method, request, options) => {
    const answer = await callHub(method, request, options);
    const ended = answer.ok ? undefined : loginEnds.get(answer.reason ?? "");
    if (ended) setLink({ kind: "ended", reason: ended });
    return answer;
  });
  const crypto =
    thread ??
    spawnCryptoThread(() =>
      setLink({ kind: "refused", reason: "The encryption thread of this page failed. Reload it." }),
    );

  const changedListeners = new Set<(change: ControlPlaneChange) => void>();
  function tellChanged(change: ControlPlaneChange): void {
    for (const changed of changedListeners) changed(change);
  }

  let wasOnline = false;
  crypto.listen((message) => {
    if (message.kind === "changed") tellChanged(message.change);
    if (message.kind !== "link") return;
    if (link().kind === "ended") return;
    setLink(message.state);
    if (message.state.kind !== "online") return;
    // What changed while there was no link was told to nobody.
    tellChanged(wasOnline ? everything : missedAtFirst);
    wasOnline = true;
  });

  function retryNow(): void {
    crypto.post({ kind: "wake" });
  }
  function wakeWhenVisible(): void {
    if (document.visibilityState === "visible") retryNow();
  }
  window.addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", wakeWhenVisible);

  return {
    workspaces: createClient(WorkspaceService, transport),
    workers: createClient(WorkerService, transport),
    link,
    retryNow,
    onChanged(changed) {
      changedListeners.add(changed);
      return () => changedListeners.delete(changed);
    },
    transport,
    thread: crypto,
    dispose() {
      window.removeEventListener("online", retryNow);
      document.removeEventListener("visibilitychange", wakeWhenVisible);
      changedListeners.clear();
      crypto.dispose();
    },
  };
}

import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import {
  type GetSystemInfoResponse,
  HubKind,
  SystemService,
} from "@leapmux/proto/hub/v1/system_pb.ts";
import { type Accessor, batch, createSignal, onCleanup } from "solid-js";
import { makeCallHub } from "../link/call-hub.ts";
import type { LoginEnd } from "@leapmux/shared/client/link-state.ts";
import { makeHubTransport } from "../link/hub-transport.ts";
import { choosePage, doorOf, type PageKind } from "./choose-page.ts";
import { recall, remember } from "./remembered.ts";
import { takeFragment } from "./take-fragment.ts";

/**
 * Who is at the door: what the hub says about itself and about the login of this browser, and which
 * page follows from that. Outlives the app, which comes with a login and goes with it.
 */
export interface Entry {
  /** For clients of calls that need no login, or are about getting one. */
  readonly transport: Transport;
  /** Undefined until the hub answered. */
  readonly system: Accessor<GetSystemInfoResponse | undefined>;
  account(): Account | undefined;
  page(): PageKind;
  /** What came behind the # of the address: a token or a code. In memory only. */
  readonly fragment: string;
  /** Why the login is over. */
  readonly ended: Accessor<LoginEnd>;
  /** Something to read above the form of the log-in. */
  readonly note: Accessor<string | undefined>;
  /** Asks the hub who is here; several at once are one. Rejects with what the hub said. */
  ask(): Promise<void>;
  /** The page has a login now. `home`: the address was only for getting it. */
  arrive(address?: "home"): Promise<void>;
  /** Runs what ends the login of this page on purpose, and then shows the log-in. */
  leave(end: () => Promise<unknown>, note: string): Promise<void>;
  /** The hub says that the login is over. */
  end(reason: LoginEnd): void;
  /** From the notice about it to the log-in; the address stays. */
  comeBack(): Promise<void>;
}

export function createEntry(): Entry {
  const transport = makeHubTransport(makeCallHub(location.origin));
  const client = createClient(SystemService, transport);
  const [path, setPath] = createSignal(location.pathname);
  const [system, setSystem] = createSignal<GetSystemInfoResponse>();
  const [failed, setFailed] = createSignal(false);
  const [ended, setEnded] = createSignal<LoginEnd>();
  const [note, setNote] = createSignal<string>();
  const wasHere = recall("login") !== undefined;
  const account = () => system()?.account;
  let asking: Promise<void> | undefined;
  let isLeaving = false;

  async function askHub(): Promise<void> {
    let info: GetSystemInfoResponse;
    try {
      info = await client.getSystemInfo({});
    } catch (error) {
      setFailed(true);
      throw error;
    }
    const before = system()?.userId;
    const hasLogin = info.kind === HubKind.SOLO || info.userId !== "";
    remember("login", hasLogin ? "yes" : undefined);
    // Nothing of one person's page may be left for the next one, who logged in in another window.
    if (before && info.userId && before !== info.userId) return location.replace("/");
    batch(() => {
      setFailed(false);
      setSystem(info);
      if (before && !hasLogin && !isLeaving) setEnded((now) => now ?? "unknown");
    });
  }

  function ask(): Promise<void> {
    asking ??= askHub().finally(() => (asking = undefined));
    return asking;
  }

  function goHome(): void {
    history.replaceState(null, "", "/");
    setPath("/");
  }

  // A token pasted into the address of a page that is already open loads nothing by itself.
  const onHash = () => doorOf(location.pathname) && location.hash !== "" && location.reload();
  window.addEventListener("hashchange", onHash);
  onCleanup(() => window.removeEventListener("hashchange", onHash));

  return {
    transport,
    system,
    account,
    fragment: takeFragment(),
    ended: () => ended() ?? "unknown",
    note,
    page: () =>
      choosePage({
        path: path(),
        system: system(),
        wasHere,
        hasFailed: failed(),
        hasEnded: ended() !== undefined,
      }),
    ask,
    async arrive(address) {
      // One that is under way may have been answered before there was a login.
      await asking?.catch(() => {});
      await ask();
      batch(() => {
        setNote(undefined);
        if (address === "home") goHome();
      });
    },
    async leave(end, text) {
      isLeaving = true;
      try {
        await end();
        await asking?.catch(() => {});
        await ask();
        batch(() => {
          setNote(text);
          goHome();
        });
      } finally {
        isLeaving = false;
      }
    },
    end(reason) {
      if (isLeaving || ended() !== undefined) return;
      if (system()?.userId) setEnded(reason);
      // The page took for granted that there was a login.
      else void ask().catch(() => {});
    },
    async comeBack() {
      try {
        await ask();
      } catch (error) {
        // Who is refused is not logged in, and that is all that there was to know.
        if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
      }
      setEnded(undefined);
    },
  };
}

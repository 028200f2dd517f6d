import type { DescService } from "@bufbuild/protobuf";
import {
  type Client,
  Code,
  type ConnectError,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import { makeReasonError } from "@leapmux/shared/wire/call-error.ts";
import { createCallTransport } from "@leapmux/shared/wire/call-transport.ts";
import { createSignal } from "solid-js";
import { askKeyQuestion } from "../trust/key-questions.ts";
import { browserClock } from "./browser-platform.ts";
import type { HubClient } from "./hub-client.ts";
import type { ChannelStatus, WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";
import { makeThreadPipe, type ThreadPipe } from "./thread-pipe.ts";
import { makeWaitingTransport } from "./waiting-transport.ts";

/**
 * One connection per worker: a channel that opens at the first call and from then on reopens by
 * itself. The keys and the decision about them live on the crypto thread; here are the calls.
 */
export interface WorkerConnection {
  readonly workerId: string;
  /** Reactive. */
  state(): WorkerConnectionState;
  /** Calls made before the channel is open wait for it, bounded by their deadline or abort. */
  client<Service extends DescService>(service: Service): Client<Service>;
  /** Of the key that the worker proved; reactive, undefined until first computed. */
  fingerprint(): Fingerprint | undefined;
  /** Undefined while no channel is open. Reactive, apart from the age that grows with time. */
  status(): ChannelStatus | undefined;
  retryNow(): void;
}

export interface WorkerConnections {
  of(workerId: string): WorkerConnection;
  dispose(): void;
}

interface KeptConnection extends WorkerConnection {
  setState(state: WorkerConnectionState): void;
  setFingerprint(fingerprint: Fingerprint): void;
  setStatus(status: ChannelStatus): void;
  opened(transport: Transport): void;
  lost(): void;
}

export function createWorkerConnections(hub: HubClient): WorkerConnections {
  const connections = new Map<string, KeptConnection>();
  const pipes = new Map<string, { pipe: ThreadPipe; workerId: string }>();
  const questions = new Map<number, AbortController>();

  function keep(workerId: string): KeptConnection {
    const known = connections.get(workerId);
    if (known) return known;
    const made = createKeptConnection(workerId, {
      open: () => hub.thread.post({ kind: "open", workerId }),
      retry: () => hub.thread.post({ kind: "retry", workerId }),
    });
    connections.set(workerId, made);
    return made;
  }

  const stopListening = hub.thread.listen((message) => {
    switch (message.kind) {
      case "worker":
        return keep(message.workerId).setState(message.state);
      case "fingerprint":
        return keep(message.workerId).setFingerprint(message.fingerprint);
      case "status":
        return keep(message.workerId).setStatus(message.status);
      case "channel-opened": {
        const { channelId, workerId, maxMessageBytes } = message;
        const pipe = makeThreadPipe(channelId, maxMessageBytes, hub.thread.post);
        pipes.set(channelId, { pipe, workerId });
        return keep(workerId).opened(createCallTransport(pipe.pipe, { clock: browserClock }));
      }
      case "channel-closed": {
        const known = pipes.get(message.channelId);
        if (!known) return;
        pipes.delete(message.channelId);
        keep(known.workerId).lost();
        return known.pipe.end(message.reason);
      }
      case "received":
        for (const { channelId, correlationId, message: bytes } of message.messages) {
          pipes.get(channelId)?.pipe.deliver(correlationId, bytes);
        }
        return;
      case "question": {
        const { questionId, question } = message;
        const withdrawal = new AbortController();
        questions.set(questionId, withdrawal);
        void askKeyQuestion(question, withdrawal.signal).then((accepted) => {
          questions.delete(questionId);
          hub.thread.post({ kind: "answer", questionId, accepted });
        });
        return;
      }
      case "question-withdrawn":
        return questions.get(message.questionId)?.abort();
      default:
        return;
    }
  });

  return {
    of: keep,
    dispose() {
      stopListening();
      for (const withdrawal of questions.values()) withdrawal.abort();
      for (const { pipe } of pipes.values()) pipe.pipe.close("closed");
      pipes.clear();
      connections.clear();
    },
  };
}

function createKeptConnection(
  workerId: string,
  ask: { open(): void; retry(): void },
): KeptConnection {
  const [state, setState] = createSignal<WorkerConnectionState>({ kind: "idle" });
  const [fingerprint, setFingerprint] = createSignal<Fingerprint>();
  const [told, setTold] = createSignal<{ status: ChannelStatus; atMs: number }>();
  const clients = new Map<DescService, unknown>();
  let wanted = false;
  let transport: Transport | undefined;
  let waiting: { resolve(transport: Transport): void; reject(error: ConnectError): void }[] = [];

  function refuseWaiting(error: ConnectError): void {
    for (const { reject } of waiting.splice(0)) reject(error);
  }

  const whenOpen = (signal: AbortSignal) =>
    new Promise<Transport>((resolve, reject) => {
      if (!wanted) {
        wanted = true;
        ask.open();
      }
      const now = state();
      if (now.kind === "refused") return reject(explainRefusal(now.reason));
      if (transport) return resolve(transport);
      const leave = () => {
        waiting = waiting.filter((other) => other !== entry);
      };
      // The signal may live as long as the page: it keeps no listener of a wait that is over.
      const stay = () => signal.removeEventListener("abort", leave);
      const entry = {
        resolve(open: Transport) {
          stay();
          resolve(open);
        },
        reject(error: ConnectError) {
          stay();
          reject(error);
        },
      };
      waiting.push(entry);
      signal.addEventListener("abort", leave, { once: true });
    });
  const waitingTransport = makeWaitingTransport(whenOpen);

  return {
    workerId,
    state,
    fingerprint,
    setFingerprint,
    client<Service extends DescService>(service: Service): Client<Service> {
      const known = clients.get(service) as Client<Service> | undefined;
      if (known) return known;
      const made = createClient(service, waitingTransport);
      clients.set(service, made);
      return made;
    },
    status() {
      const last = told();
      if (!last || state().kind !== "open") return undefined;
      const keyAgeMs = last.status.keyAgeMs + (performance.now() - last.atMs);
      return { ...last.status, keyAgeMs };
    },
    retryNow() {
      wanted = true;
      ask.retry();
    },
    setStatus(status) {
      setTold({ status, atMs: performance.now() });
    },
    setState(next) {
      setState(next);
      if (next.kind === "refused") refuseWaiting(explainRefusal(next.reason));
    },
    opened(next) {
      transport = next;
      for (const { resolve } of waiting.splice(0)) resolve(next);
    },
    lost() {
      transport = undefined;
    },
  };
}

function explainRefusal(reason: CloseReason): ConnectError {
  return makeReasonError(Code.PermissionDenied, reason);
}

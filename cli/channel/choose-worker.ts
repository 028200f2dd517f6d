import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { type Worker, WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { maxIdLength } from "@leapmux/shared/limits/limits.ts";
import { CommandError } from "../command-error.ts";
import { type KnownHub, unreachable } from "./meet-hub.ts";

/** A worker as the hub lists it: names are the hub's word, only the key proves which one it is. */
export interface ListedWorker {
  readonly workerId: string;
  readonly name: string;
  readonly isOnline: boolean;
  readonly lastSeenAtMs: number;
  readonly mode: string;
}

const mostNameLength = 64;

export async function listWorkers(known: KnownHub, signal: AbortSignal): Promise<ListedWorker[]> {
  const answer = await known.callHub(WorkerService.method.listWorkers, {}, { signal });
  signal.throwIfAborted();
  if (!answer.ok) throw unreachable(known.hub, answer.code);
  return answer.response.workers.filter(isWhole).map((worker) => ({
    workerId: worker.workerId,
    // Letters of one direction, no controls, no end of line: it stands within our own sentences.
    name: worker.name.replaceAll(/\p{C}|\p{Zl}|\p{Zp}/gu, "\ufffd").slice(0, mostNameLength),
    isOnline: worker.online,
    lastSeenAtMs: Number(worker.lastSeenAtMs),
    mode: worker.encryptionMode === EncryptionMode.CLASSIC ? "classic" : "post-quantum",
  }));
}

/** By id, or by a name that only one bears; without either the only one that is online. */
export function chooseWorker(
  workers: readonly ListedWorker[],
  wanted: string | undefined,
): ListedWorker {
  const all = "`leapmux workers` shows which there are.";
  if (wanted === undefined) {
    const online = workers.filter(({ isOnline }) => isOnline);
    const [only] = online;
    if (only && online.length === 1) return only;
    const message = only ? "several workers are online" : "no worker is online";
    throw new CommandError(only ? "usage" : "failure", message, only ? `Name one: ${all}` : all);
  }
  const byId = workers.find(({ workerId }) => workerId === wanted);
  const byName = workers.filter(({ name }) => name === wanted);
  const found = byId ?? byName[0];
  if (!found) throw new CommandError("failure", `there is no worker ${wanted}`, all);
  if (!byId && byName.length > 1) {
    throw new CommandError("usage", `several workers are called ${wanted}`, `Give the id: ${all}`);
  }
  if (!found.isOnline) {
    throw new CommandError("failure", `the worker ${wanted} is not online`, all);
  }
  return found;
}

function isWhole({ workerId }: Worker): boolean {
  return workerId.length <= maxIdLength && /^[\w-]+$/.test(workerId);
}

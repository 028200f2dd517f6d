import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { KeyedHash } from "../../store/keyed-hash.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { Workers } from "../../store/workers.ts";
import { isWorkerId } from "../check-request.ts";
import { refuse } from "../refusal.ts";

const workerKey = createContextKey<WorkerRow | null>(null);

/** The gate before a worker's link. */
export function requireWorker(workers: Workers, keyedHash: KeyedHash) {
  return async (context: HandlerContext): Promise<void> => {
    context.values.set(
      workerKey,
      await authenticateWorker(workers, keyedHash, context.requestHeader),
    );
  };
}

/**
 * A worker by its id and the token of its registration, compared in constant time. An unknown worker costs
 * the same and gets the same answer as a wrong token.
 */
export async function authenticateWorker(
  workers: Workers,
  keyedHash: KeyedHash,
  headers: { get(name: string): string | null },
): Promise<WorkerRow> {
  const workerId = headers.get("x-leapmux-worker-id") ?? "";
  const token = readBearer(headers);
  if (!isWorkerId(workerId) || token === null) throw refuse("worker_token_refused");
  const row = await workers.find(workerId);
  const matches = keyedHash.matches(token, row?.token_hash ?? keyedHash.hash(""));
  if (row === undefined || !matches) throw refuse("worker_token_refused");
  await keyedHash.settle("workers", token);
  return row;
}

/** For as long as its link is open the token stays known, even if the key of the hashes changes. */
export function followWorker(
  keyedHash: KeyedHash,
  headers: { get(name: string): string | null },
): () => void {
  const token = readBearer(headers);
  return token === null ? () => undefined : keyedHash.follow("workers", token);
}

export function workerOf(context: HandlerContext): WorkerRow {
  const worker = context.values.get(workerKey);
  if (worker === null) throw refuse("worker_token_refused");
  return worker;
}

/** Null where there is none, or where it cannot be one of ours. */
export function readBearer(headers: { get(name: string): string | null }): string | null {
  const match = /^Bearer ([\w-]{16,128})$/.exec(headers.get("authorization") ?? "");
  return match?.[1] ?? null;
}

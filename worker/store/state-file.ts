import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeWorkerSecrets,
  encodeWorkerSecrets,
  generateWorkerSecrets,
  type WorkerSecrets,
} from "@leapmux/shared/identity/worker-secrets.ts";
import { maxIdLength } from "@leapmux/shared/limits/limits.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { checkPrivateFile, ensurePrivateDirectory } from "./check-private.ts";
import { StateError } from "./state-error.ts";
import { writePrivateFile } from "./write-private-file.ts";

/** Who this worker is: `state.json` in its data directory, made at the first run (protocol §2). */
export interface WorkerState {
  /** "wkr_" and 128 random bits, base64url, chosen by the worker itself. */
  readonly workerId: string;
  /** Secret for the link; `null` until a hub gave one. */
  readonly workerToken: string | null;
  readonly secrets: WorkerSecrets;
  /** Keeps the token that registration brought. */
  saveToken(workerToken: string): void;
}

export interface StateFileOptions {
  readonly dataDir: string;
  readonly primitives: Primitives;
  readonly random: Random;
  /** A bundled worker makes its own token at the first run: its hub is told it in process. */
  readonly bundled: boolean;
  /** A native generator of SLH-DSA keys, where there is one. */
  readonly generateSlhDsaKey?: () => Uint8Array | null;
}

const stateVersion = 1;

export function openStateFile(options: StateFileOptions): WorkerState {
  const { dataDir, primitives, random, bundled } = options;
  ensurePrivateDirectory(dataDir);
  const path = join(dataDir, "state.json");

  const stored = existsSync(path) ? readState(path, primitives) : null;
  const workerId = stored?.workerId ?? `wkr_${encodeText(random(16))}`;
  const secrets =
    stored?.secrets ?? generateWorkerSecrets(primitives, random, options.generateSlhDsaKey?.());
  let workerToken = stored?.workerToken ?? (bundled ? encodeText(random(32)) : null);

  function save(): void {
    const content = {
      version: stateVersion,
      worker_id: workerId,
      worker_token: workerToken,
      secrets: encodeWorkerSecrets(secrets),
    };
    writePrivateFile(path, `${JSON.stringify(content, null, 2)}\n`);
  }
  if (!stored || stored.workerToken !== workerToken) save();

  return {
    workerId,
    secrets,
    get workerToken() {
      return workerToken;
    },
    saveToken(token) {
      workerToken = token;
      save();
    },
  };
}

function readState(
  path: string,
  primitives: Primitives,
): Pick<WorkerState, "workerId" | "workerToken" | "secrets"> {
  checkPrivateFile(path);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new StateError("unreadable", `${path} cannot be read`, cause);
  }
  const fields = (content ?? {}) as Record<string, unknown>;
  const { version, worker_id: workerId, worker_token: workerToken } = fields;
  if (version !== stateVersion) {
    throw new StateError("corrupt", `${path} is of a version that this program does not know`);
  }
  const secrets = decodeWorkerSecrets(primitives, fields["secrets"]);
  const isWhole =
    secrets !== null &&
    typeof workerId === "string" &&
    /^[\w-]+$/.test(workerId) &&
    workerId.length <= maxIdLength &&
    (workerToken === null || typeof workerToken === "string");
  if (!isWhole) {
    throw new StateError(
      "corrupt",
      `${path} is damaged. Restore it from a backup; without it this worker needs a new identity.`,
    );
  }
  return { workerId, workerToken, secrets };
}

function encodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

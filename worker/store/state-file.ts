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
import { removePrivateFile, writePrivateFile } from "./write-private-file.ts";

/** Who this worker is: `state.json` in its data directory, made at the first run (protocol §2). */
export interface WorkerState {
  /** "wkr_" and 128 random bits, base64url, chosen by the worker itself. */
  readonly workerId: string;
  /** Secret for the link; `null` until a hub gave one. */
  readonly workerToken: string | null;
  readonly secrets: WorkerSecrets;
  /** Of the hub that gave the token; `null` where it is in the same process, or nobody noted it. */
  readonly hubAddress: string | null;
  /** Keeps the token that registration brought, and whose it is. */
  saveToken(workerToken: string, hubAddress: string | null): void;
  /** The hub took the token at another address. */
  saveHubAddress(hubAddress: string): void;
  /** Removes keys and token for good: the next start is the first one of a new worker. */
  wipe(): void;
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

  let hubAddress = stored?.hubAddress ?? null;

  function save(): void {
    const content = {
      version: stateVersion,
      worker_id: workerId,
      worker_token: workerToken,
      hub_address: hubAddress,
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
    get hubAddress() {
      return hubAddress;
    },
    saveToken(token, address) {
      workerToken = token;
      hubAddress = address;
      save();
    },
    saveHubAddress(address) {
      if (hubAddress === address) return;
      hubAddress = address;
      save();
    },
    wipe() {
      workerToken = null;
      removePrivateFile(path);
    },
  };
}

/** Who the worker of this directory is, for those who only look. Throws StateError where the file is not whole. */
export function readIdentity(
  dataDir: string,
  primitives: Primitives,
): { readonly workerId: string; readonly compositePublicKey: Uint8Array } {
  const { workerId, secrets } = readState(join(dataDir, "state.json"), primitives);
  return { workerId, compositePublicKey: secrets.compositePublicKey };
}

function readState(
  path: string,
  primitives: Primitives,
): Pick<WorkerState, "workerId" | "workerToken" | "hubAddress" | "secrets"> {
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
  // Absent in files of the first version.
  const hubAddress = fields["hub_address"] ?? null;
  const secrets = decodeWorkerSecrets(primitives, fields["secrets"]);
  const isWhole =
    secrets !== null &&
    typeof workerId === "string" &&
    /^[\w-]+$/.test(workerId) &&
    workerId.length <= maxIdLength &&
    (workerToken === null || typeof workerToken === "string") &&
    (hubAddress === null || typeof hubAddress === "string");
  if (!isWhole) {
    throw new StateError(
      "corrupt",
      `${path} is damaged. Restore it from a backup; without it this worker needs a new identity.`,
    );
  }
  return { workerId, workerToken, hubAddress, secrets };
}

function encodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

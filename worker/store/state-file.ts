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
import { findRefusedState, removeRefusedStates, setStateAside } from "./refused-state.ts";
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
  /** Where keys and token lie since a hub refused them; the next registration is under the same keys. */
  readonly refusedState: string | null;
  /** Ends the registration, but so that somebody at the console can undo it. */
  setAside(atMs: number): void;
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

  let refusedState = bundled || existsSync(path) ? null : findRefusedState(dataDir);
  const storedAt = refusedState ?? (existsSync(path) ? path : null);
  const stored = storedAt === null ? null : readState(storedAt, primitives);
  const workerId = stored?.workerId ?? `wkr_${encodeText(random(16))}`;
  const secrets =
    stored?.secrets ?? generateWorkerSecrets(primitives, random, options.generateSlhDsaKey?.());
  const isRegistered = stored !== null && refusedState === null;
  let workerToken = isRegistered ? stored.workerToken : null;
  if (bundled) workerToken ??= encodeText(random(32));
  let hubAddress = isRegistered ? stored.hubAddress : null;

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
  // What was refused stays where it is until another registration takes its place.
  const isSaved = stored !== null && (refusedState !== null || stored.workerToken === workerToken);
  if (!isSaved) save();

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
      refusedState = null;
      removeRefusedStates(dataDir);
    },
    saveHubAddress(address) {
      if (hubAddress === address) return;
      hubAddress = address;
      save();
    },
    wipe() {
      workerToken = null;
      removePrivateFile(path);
      refusedState = null;
      removeRefusedStates(dataDir);
    },
    get refusedState() {
      return refusedState;
    },
    setAside(atMs) {
      workerToken = null;
      refusedState = setStateAside(path, atMs);
    },
  };
}

/** Who the worker of this directory is, for those who only look; `null`: there is none. Throws StateError where its file is not whole. */
export function readIdentity(
  dataDir: string,
  primitives: Primitives,
): { readonly workerId: string; readonly compositePublicKey: Uint8Array } | null {
  if (!existsSync(dataDir)) return null;
  const path = join(dataDir, "state.json");
  const storedAt = existsSync(path) ? path : findRefusedState(dataDir);
  if (storedAt === null) return null;
  const { workerId, secrets } = readState(storedAt, primitives);
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

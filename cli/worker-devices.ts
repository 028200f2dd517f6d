// `leapmux worker devices list | approve | revoke` and `leapmux worker fingerprint`: what somebody at the
// worker's console sees and decides. They work on the data directory, with the worker running or not.
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { fingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { openDatabase } from "@leapmux/worker/store/open-database.ts";
import { StateError } from "@leapmux/worker/store/state-error.ts";
import { readIdentity } from "@leapmux/worker/store/state-file.ts";
import {
  type ConsoleDevice,
  type ConsoleResult,
  makeTrustConsole,
  type TrustConsole,
} from "@leapmux/worker/trust/trust-console.ts";
import { makeTrustStore } from "@leapmux/worker/trust/trust-store.ts";
import { CommandError } from "./command-error.ts";
import { formatTable } from "./format-table.ts";
import type { Output } from "./output.ts";
import { unpaired } from "./unpaired.ts";

export interface ConsoleOptions {
  readonly dataDir: string;
  readonly json: boolean;
  readonly output: Output;
}

export async function runFingerprint({ dataDir, json, output }: ConsoleOptions): Promise<number> {
  const identity = readWorker(dataDir);
  const { words, longWords } = await fingerprint(identity.compositePublicKey, nativeScrypt);
  const [short, long] = [formatWords(words), formatWords(longWords)];
  if (json) {
    const value = { worker_id: identity.workerId, words: short, long_words: long };
    output.print(JSON.stringify(value));
  } else {
    output.print(`Four words:  ${short}`);
    output.print(`Eight words: ${long}`);
  }
  return 0;
}

export async function runDevices(
  request:
    | { readonly action: "list" }
    | { readonly action: "approve" | "revoke"; readonly named: string },
  options: ConsoleOptions,
): Promise<number> {
  const { dataDir, output } = options;
  readWorker(dataDir);
  const database = await openDatabase(dataDir);
  try {
    const trust = makeTrustConsole(makeTrustStore(database), () => Date.now());
    if (request.action === "list") return await list(trust, options);
    const result = await trust[request.action](request.named);
    if (!result.ok) throw explain(request.action, request.named, result.why);
    tell(request.action, result, options);
    if (result.trustedLeft === 0) output.warn(unpaired);
    return 0;
  } finally {
    await database.destroy();
  }
}

async function list(trust: TrustConsole, { json, output }: ConsoleOptions): Promise<number> {
  const devices = await trust.list();
  const refusals = await trust.listRefusedOpenings();
  if (json) {
    const refused = refusals.map((row) => ({ ...row, at: new Date(row.at_ms).toISOString() }));
    output.print(JSON.stringify({ devices: devices.map(toJson), refused_openings: refused }));
    return 0;
  }
  if (devices.length === 0) {
    output.print("No device is known.");
  } else {
    const rows = devices.map((device) => [
      device.words,
      device.state,
      device.deviceId,
      device.userId,
      device.lastSeenAtMs === null ? "never" : formatTime(device.lastSeenAtMs),
    ]);
    const table = formatTable(["WORDS", "STATE", "ID", "USER", "LAST SEEN"], rows);
    for (const line of table) output.print(line);
  }
  const [newest] = refusals;
  if (newest) {
    output.print("");
    output.print(
      `Refused openings: ${refusals.length}. The newest, at ${formatTime(newest.at_ms)}:`,
    );
    output.print(`  ${newest.detail}`);
  }
  return 0;
}

function tell(
  action: "approve" | "revoke",
  { device }: Extract<ConsoleResult, { ok: true }>,
  { json, output }: ConsoleOptions,
): void {
  if (json) return output.print(JSON.stringify(toJson(device)));
  const done = action === "approve" ? "Approved" : "Revoked";
  const of = device.userId === "" ? "" : ` of ${device.userId}`;
  output.print(`${done} ${device.words} (${device.deviceId})${of}.`);
}

function explain(
  action: "approve" | "revoke",
  named: string,
  why: Extract<ConsoleResult, { ok: false }>["why"],
): CommandError {
  const seeList = "`leapmux worker devices list` shows what there is.";
  switch (why) {
    case "unknown": {
      const first = "Let the device try to open this worker first; its words are on its screen.";
      const next = action === "approve" ? `${first} ${seeList}` : seeList;
      return new CommandError("failure", `no device is known as ${named}`, next);
    }
    case "ambiguous":
      return new CommandError(
        "failure",
        `several devices are known as ${named}`,
        `Give the id: ${seeList}`,
      );
    case "done_already": {
      const state = action === "approve" ? "trusted" : "revoked";
      return new CommandError("failure", `the device ${named} is ${state} already`, seeList);
    }
    case "no_user":
      return new CommandError(
        "failure",
        `nobody knows whose device ${named} is`,
        "Let it try to open this worker once, then approve it again.",
      );
    case "full":
      return new CommandError("failure", "there are too many revocations to keep another one");
  }
}

export function readWorker(dataDir: string) {
  try {
    const identity = readIdentity(dataDir, nativePrimitives);
    if (identity) return identity;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    throw new CommandError("failure", error.message, undefined, error);
  }
  throw new CommandError(
    "failure",
    `no worker has run with the data directory ${dataDir}`,
    "Name the one that it uses with --data-dir; of solo it is ~/.config/leapmux/solo/worker.",
  );
}

function toJson(device: ConsoleDevice) {
  const { deviceId, words, userId, state, lastSeenAtMs } = device;
  const seen = lastSeenAtMs === null ? null : new Date(lastSeenAtMs).toISOString();
  return { device_id: deviceId, words, user_id: userId, state, last_seen_at: seen };
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 16);
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { findRefusedState } from "@leapmux/worker/store/refused-state.ts";
import { readIdentity } from "@leapmux/worker/store/state-file.ts";
import { describe, type Finding, note, ok, problem } from "./finding.ts";

/** Who the worker is: its keys readable, not set aside because a hub refused them. `isBundled`: of solo and dev. */
export function checkWorkerState(dataDir: string, isBundled: boolean): Finding[] {
  try {
    const refused = findRefusedState(dataDir);
    const file = path.join(dataDir, "state.json");
    const identity = readIdentity(dataDir, nativePrimitives);
    if (!existsSync(file) && refused !== null) {
      const sentence = `the hub refused this worker; its keys lie in ${refused}`;
      const remedy = `if the hub knows it again: mv ${refused} ${file}; otherwise register it with a new key (docs/workers.md)`;
      return [problem("state", sentence, remedy)];
    }
    if (identity === null) {
      const remedy = isBundled ? undefined : "leapmux worker --hub URL --registration-key KEY";
      return [note("state", "there is no state.json: this worker is not registered", remedy)];
    }
    return [ok("state", `the keys of ${identity.workerId} are whole`)];
  } catch (error) {
    // Told by the check of permissions.
    if (error instanceof PrivatePathError) return [];
    const remedy = "restore state.json from a backup, or remove it and register the worker anew";
    return [problem("state", describe(error), remedy)];
  }
}

/** How it reached its hub last. */
export function checkLink(dataDir: string): Finding[] {
  try {
    const { link } = JSON.parse(readFileSync(path.join(dataDir, "link.json"), "utf8")) as Record<
      string,
      unknown
    >;
    if (link === "websocket") {
      const sentence = "the worker reaches its hub by a WebSocket, because gRPC did not pass";
      return [note("link", sentence, "let the proxy pass HTTP/2 (docs/operating.md)")];
    }
    return [ok("link", "the worker reached its hub by gRPC last")];
  } catch {
    return [note("link", "this worker has not reached its hub yet, or forgot how")];
  }
}

/** Which hub that is: what it was registered at, for flags of a worker that runs are not known here. */
export function hubOf(dataDir: string): string | null {
  try {
    const state = JSON.parse(readFileSync(path.join(dataDir, "state.json"), "utf8")) as Record<
      string,
      unknown
    >;
    const { hub_address: address } = state;
    return typeof address === "string" ? address : null;
  } catch {
    return null;
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { createHub, type Hub } from "../context.ts";
import type { HubOptions } from "../hub-options.ts";

/** A real hub on a free port with a database of its own; everything goes with `stop`. */
export async function startHub(
  options: Partial<HubOptions> = {},
): Promise<{ hub: Hub; url: string; dataDir: string; log: string[]; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "leapmux-hub-"));
  const log: string[] = [];
  const hub = await createHub({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir,
    kind: "solo",
    version: "0.0.0-test",
    logger: pino({ level: "info" }, { write: (line: string) => void log.push(line) }),
    ...options,
  });
  return {
    hub,
    url: hub.address.url,
    dataDir,
    log,
    async stop() {
      await hub.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

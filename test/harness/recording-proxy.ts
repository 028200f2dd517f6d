/**
 * A TCP proxy that writes down every byte that passes, so that a test can look for what must not be
 * there, and that can cut all of its connections at once.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Cleanup } from "./make-cleanup.ts";

export interface RecordingProxy {
  readonly port: number;
  /** Everything sent so far: towards the target and back. */
  recorded(): { readonly up: Buffer; readonly down: Buffer };
  /** Resets every open connection; new ones are taken again. */
  cut(): void;
  /** While false, new connections are reset at once. */
  setOpen(open: boolean): void;
  readonly connections: number;
}

export async function startRecordingProxy(
  cleanup: Cleanup,
  targetPort: number,
  options: { record?: boolean; port?: number; targetHost?: string } = {},
): Promise<RecordingProxy> {
  const record = options.record ?? true;
  const up: Buffer[] = [];
  const down: Buffer[] = [];
  const sockets = new Set<Socket>();
  let open = true;

  const server = createServer((client) => {
    if (!open) {
      client.resetAndDestroy();
      return;
    }
    const target = connect(targetPort, options.targetHost ?? "127.0.0.1");
    for (const [from, to, log] of [
      [client, target, up],
      [target, client, down],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (record) from.on("data", (bytes: Buffer) => void log.push(bytes));
      from.pipe(to);
    }
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");

  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  cleanup.add(async () => {
    server.close();
    cut();
    await once(server, "close").catch(() => undefined);
  });
  return {
    port: address.port,
    recorded: () => ({ up: Buffer.concat(up), down: Buffer.concat(down) }),
    cut,
    setOpen: (value) => {
      open = value;
    },
    get connections() {
      return sockets.size / 2;
    },
  };
}

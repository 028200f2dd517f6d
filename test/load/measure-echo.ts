/**
 * `echo`: from a keystroke at the client to its echo by the PTY's line discipline, sealed both ways,
 * beside the same byte through the plain relay to a peer that sends it back. `echo_during_opens`: the
 * same while 8 channels are being opened on the same worker.
 */
import { once } from "node:events";
import { WebSocket } from "ws";
import { makeCleanup } from "../harness/cleanup.ts";
import { makeTerminalView, type TerminalView } from "../harness/terminal-view.ts";
import { connectClient } from "../harness/test-client.ts";
import { startBenchParts } from "./bench-parts.ts";
import { startChild } from "./child.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const idleSamples = 1000;
const roundsOfOpenings = 3;

export async function measureEcho(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const { url } = await startBenchParts(cleanup);
    const client = await connectClient(cleanup, url);
    const channel = await client.channel();
    const { workspace } = await client.workspaces.createWorkspace({ title: "bench" });
    const terminalId = `tab_${channel.channelId}`;
    await channel.terminals.openTerminal({
      terminalId,
      workspaceId: workspace?.workspaceId ?? "",
      shell: "/bin/sh",
      cols: 80,
      rows: 24,
    });
    let echoed: () => void = () => undefined;
    let seen = "";
    const view = makeTerminalView(terminalId, {
      onOutput: (bytes) => {
        seen = (seen + Buffer.from(bytes).toString()).slice(-200);
        echoed();
      },
    });
    await view.attach(channel.terminals);
    const until = async (text: string): Promise<void> => {
      while (!seen.includes(text)) {
        await new Promise<void>((resolve) => (echoed = resolve));
      }
    };
    view.type("stty -icanon; printf 'RE''ADY'; exec cat >/dev/null\r");
    await until("READY");
    const echo = (): Promise<number> => keystroke(view, (listener) => (echoed = listener));
    for (let index = 0; index < 100; index += 1) await echo();
    const idle: number[] = [];
    for (let index = 0; index < idleSamples; index += 1) idle.push(await echo());

    const opener = await startChild(cleanup, "./bench-opener.ts", [url]);
    const busy: number[] = [];
    for (let index = 0; index < roundsOfOpenings; index += 1) {
      let opening = true;
      const opened = opener.ask("open 8").finally(() => (opening = false));
      while (opening) {
        const ms = await echo();
        if (opening) busy.push(ms);
      }
      if ((await opened) !== "8") throw new Error(`only ${await opened} of 8 channels opened`);
    }

    const relay = await startChild(cleanup, "./raw-relay.ts");
    await startChild(cleanup, "./raw-echo.ts", [relay.ready]);
    const socket = new WebSocket(`ws://127.0.0.1:${relay.ready}/left`, {
      perMessageDeflate: false,
    });
    cleanup.add(() => socket.terminate());
    await once(socket, "open");
    const raw: number[] = [];
    for (let index = 0; index < idleSamples; index += 1) {
      const start = performance.now();
      const answered = once(socket, "message");
      socket.send("x");
      await answered;
      if (index >= 100) raw.push(elapsedMs(start));
    }
    return {
      echo: {
        p50_ms: round(percentile(idle, 0.5)),
        p99_ms: round(percentile(idle, 0.99)),
        raw_ws_p50_ms: round(percentile(raw, 0.5)),
      },
      echo_during_opens: {
        p50_ms: round(percentile(busy, 0.5)),
        p99_ms: round(percentile(busy, 0.99)),
        samples: busy.length,
      },
    };
  } finally {
    await cleanup.run();
  }
}

function keystroke(view: TerminalView, onOutput: (listener: () => void) => void): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    onOutput(() => resolve(elapsedMs(start)));
    view.type("x");
  });
}

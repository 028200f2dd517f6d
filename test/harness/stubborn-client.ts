/**
 * A client that comes back: whenever its link is lost it dials again until the hub is there, opens a
 * fresh channel and attaches its views where they stood.
 */
import type { Cleanup } from "./make-cleanup.ts";
import type { TerminalView } from "./terminal-view.ts";
import { connectClient, type TestChannel, type TestClient } from "./test-client.ts";
import { until } from "./until.ts";

/** A fresh link and channel, waiting for hub and worker to be there. */
export async function reconnect(
  cleanup: Cleanup,
  url: string,
): Promise<{ client: TestClient; channel: TestChannel }> {
  return until(
    async () => {
      const client = await connectClient(cleanup, url).catch(() => undefined);
      if (client === undefined) return undefined;
      await client.onlineWorkerId();
      const result = await client.openChannel();
      return result.ok ? { client, channel: result.channel } : undefined;
    },
    "hub and worker to be there again",
    60_000,
  );
}

/** Attaches a view again and again until it has this text. */
export async function followUntil(
  cleanup: Cleanup,
  url: string,
  view: TerminalView,
  text: string,
): Promise<void> {
  while (!view.text().includes(text)) {
    const { channel } = await reconnect(cleanup, url);
    await view.attach(channel.terminals).catch(() => undefined);
    await until(
      () => view.text().includes(text) || view.ended() !== undefined,
      `${text} or the end of the link`,
      60_000,
    );
  }
}

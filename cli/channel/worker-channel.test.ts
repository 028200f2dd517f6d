import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { makeWorkerChannel } from "./worker-channel.ts";

const unavailable = {
  ok: false,
  code: "unavailable",
  message: "",
  reason: undefined,
  retryAfterMs: 0,
} as const;

test("closed, whoever waits for a channel hears it, and nobody waits any more", async () => {
  const states: string[] = [];
  const channel = makeWorkerChannel({
    // Nobody listens there.
    hub: "http://127.0.0.1:1",
    loginToken: undefined,
    workerId: "wrk_0000000000000000000000",
    callHub: () => Promise.resolve(unavailable),
    gate: {
      admit: () => Promise.resolve({ ok: false, reason: "link_lost" }),
      proved: () => Promise.resolve(false),
    },
    device: undefined,
    events: {
      onLink: ({ kind }) => states.push(kind),
      onState: ({ kind }) => states.push(kind),
      onDevices: () => undefined,
    },
  });
  const waiting = channel.whenOpen(new AbortController().signal);
  channel.close();
  await expect(waiting).rejects.toMatchObject({ code: Code.Unavailable });
  const said = states.length;
  channel.retry();
  await expect(channel.whenOpen(new AbortController().signal)).rejects.toThrow();
  expect(states).toHaveLength(said);
});

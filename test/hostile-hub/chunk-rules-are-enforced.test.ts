/**
 * Protocol §4 by flags and lengths alone: sizes of frames and messages, one message in flight, known
 * flags. The hub checks a client and a worker; each end checks what a hub passes without checking.
 */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { flagLast, flagMore, type Frame } from "@leapmux/shared/envelope/frame.ts";
import { ConnectError } from "@connectrpc/connect";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import {
  leastMaxMessageBytes,
  maxCiphertextBytes,
  tagBytes,
} from "@leapmux/shared/limits/limits.ts";
import { readErrorReason } from "@leapmux/shared/wire/error-reason.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { startHostileRelay, type HostileRelay } from "../harness/hostile-relay.ts";
import { settle, openShell } from "../harness/open-shell.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const maxMessageBytes = 2 * leastMaxMessageBytes;
let system: System;
let relay: HostileRelay;
beforeAll(async () => {
  system = await startSystem(cleanup, {
    limits: { maxMessageBytes },
  });
  relay = await startHostileRelay(cleanup, system.url);
});
beforeEach(() => {
  relay.hooks.upFrame = undefined;
  relay.hooks.downFrame = undefined;
});

const garbage = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x5a);
type Part = Pick<Frame, "correlationId" | "flags" | "ciphertext">;
const part = (flags: number, bytes: number, correlationId = 77n): Part => ({
  correlationId,
  flags,
  ciphertext: garbage(bytes),
});

/** Three chunks that carry so many bytes of plaintext together. */
function wholeMessage(bytes: number): readonly Part[] {
  const first = 60_000;
  return [
    part(flagMore, first + tagBytes),
    part(flagMore, first + tagBytes),
    part(flagLast, bytes - 2 * first + tagBytes),
  ];
}

/** Frames that need no key to be refused. The last of each is the one too many. */
const violations: readonly [string, readonly Part[], CloseReason][] = [
  ["a frame one byte too long", [part(flagLast, maxCiphertextBytes + 1)], "message_too_large"],
  ["a frame much too long", [part(flagLast, 120_000)], "message_too_large"],
  ["a frame without room for a tag", [part(flagLast, tagBytes - 1)], "protocol_violation"],
  ["an empty frame", [part(flagLast, 0)], "protocol_violation"],
  ["unknown flags 3", [part(3, 100)], "protocol_violation"],
  ["unknown flags 255", [part(255, 100)], "protocol_violation"],
  ["flags beyond a byte", [part(256, 100)], "protocol_violation"],
  ["a close frame that is an essay", [part(2, 65)], "protocol_violation"],
];

/** These begin with frames that would have to open at an end, so the ends see only the hub refuse them. */
const hubViolations: readonly [string, readonly Part[], CloseReason][] = [
  [
    "interleaved messages",
    [part(flagMore, 1000, 77n), part(flagMore, 1000, 78n)],
    "interleaved_chunks",
  ],
  [
    "a whole message inside another",
    [part(flagMore, 1000, 77n), part(flagLast, 1000, 78n)],
    "interleaved_chunks",
  ],
  [
    "the channel's own message inside another",
    [part(flagMore, 1000, 77n), part(flagLast, 1000, 0n)],
    "interleaved_chunks",
  ],
  [
    "one byte more than the largest message",
    wholeMessage(maxMessageBytes + 1),
    "message_too_large",
  ],
  [
    "endless small chunks",
    Array.from({ length: maxMessageBytes / 1000 + 2 }, () => part(flagMore, 1000 + tagBytes)),
    "message_too_large",
  ],
];

describe("the hub, towards a client", () => {
  test.each([...violations, ...hubViolations])("%s", async (_name, parts, reason) => {
    const { client, channel } = await open(system.url);
    const before = system.workerLink.seen.down.length;
    client.link.sendFrames(...parts.map((each) => ({ ...each, channelId: channel.channelId })));
    if (parts.some(({ ciphertext }) => ciphertext.length > 70_000)) {
      // Not even a frame: the whole link has to go.
      await Promise.race([channel.closed, client.link.closed]);
    } else {
      expect(await within(channel.closed, "the close")).toBe(reason);
      // The worker is told, too.
      await until(
        () => closeReasonsAtWorker(channel.channelId).includes(reason),
        "the worker told",
      );
    }
    // The one too many never reached the worker.
    const passed = system.workerLink.seen.down
      .slice(before)
      .flatMap(({ body }) => (body.case === "frames" ? body.value.frames : []))
      .filter((frame) => frame.channelId === channel.channelId && frame.correlationId >= 77n);
    expect(passed.length).toBeLessThan(parts.length);
  });

  test("a message of exactly the largest size passes the hub", async () => {
    const { client, channel } = await open(system.url);
    const parts = wholeMessage(maxMessageBytes);
    client.link.sendFrames(...parts.map((each) => ({ ...each, channelId: channel.channelId })));
    // It is garbage, so the worker's cipher is what refuses it.
    expect(await within(channel.closed, "the close")).toBe("decrypt_failed");
  });
});

describe("the hub, towards a worker", () => {
  test.each([...violations, ...hubViolations])("%s", async (_name, parts, reason) => {
    const { channel } = await open(system.url);
    system.workerLink.injectFramesUp(
      ...parts.map((each) => ({ ...each, channelId: channel.channelId })),
    );
    if (parts.some(({ ciphertext }) => ciphertext.length > 70_000)) {
      await within(channel.closed, "the close");
    } else {
      // The first chunk may reach the client before the violation: its cipher refuses it then.
      const expected = parts.length > 1 ? [reason, "decrypt_failed"] : [reason];
      expect(expected).toContain(await within(channel.closed, "the close"));
    }
  });
});

describe("the worker, where the hub lets it pass", () => {
  test.each(violations)("%s", async (_name, parts, reason) => {
    const { channel } = await open(system.url);
    system.workerLink.injectFramesDown(
      ...parts.map((each) => ({ ...each, channelId: channel.channelId })),
    );
    // What is not even a frame ends the whole link, and with it the channel.
    expect([reason, "worker_offline"]).toContain(await within(channel.closed, "the close"));
  });
});

describe("the client, where the hub lets it pass", () => {
  test.each(violations)("%s", async (_name, parts, reason) => {
    const { channel } = await open(relay.url);
    relay.injectDown(...parts.map((each) => ({ ...each, channelId: channel.channelId })));
    expect(await within(channel.closed, "the close")).toBe(reason);
    await until(() => closeReasonsAtWorker(channel.channelId).includes(reason), "the worker told");
  });
});

test("interleaving of chunks that do open is refused by the worker itself", async () => {
  // Re-orders honestly sealed chunks of two messages, which no relay between may notice first.
  const { channel } = await open(system.url);
  const terminals = channel.terminals;
  const long = "x".repeat(50_000);
  let first: Frame | undefined;
  system.workerLink.setFrameHook("down", (frame) => {
    if (frame.channelId !== channel.channelId) return [frame];
    if (frame.flags === flagMore && first === undefined) {
      first = frame;
      return [frame];
    }
    // The rest of the message under another call's id: by its label alone it is interleaved.
    return first !== undefined ? [{ ...frame, correlationId: frame.correlationId + 1n }] : [frame];
  });
  const call = terminals
    .renameTerminal({ terminalId: long, title: long })
    .catch((error: unknown) => error);
  expect(await within(channel.closed, "the close")).toBe("interleaved_chunks");
  system.workerLink.setFrameHook("down", undefined);
  expect(await call).toBeInstanceOf(Error);
});

test("a message larger than agreed is refused before it is sealed", async () => {
  const own = cleanupAfterTest();
  const client = await connectClient(own, system.url);
  let sent = 0;
  const onFrameUp = (frame: Frame): readonly Frame[] => {
    sent += 1;
    return [frame];
  };
  const channel = await client.channel({ onFrameUp });
  const { view } = await openShell(channel);
  const before = sent;
  const title = "x".repeat(maxMessageBytes);
  const refused = await channel.terminals
    .renameTerminal({ terminalId: "tab_1", title })
    .catch((error: unknown) => error);
  expect(readErrorReason(ConnectError.from(refused))).toBe("message_too_large");
  expect(sent).toBe(before);
  // The channel goes on.
  await settle(view);
});

async function open(url: string) {
  const own = cleanupAfterTest();
  const client = await connectClient(own, url);
  return { client, channel: await client.channel() };
}

function closeReasonsAtWorker(channelId: string): string[] {
  return system.workerLink.seen.down.flatMap(({ body }) =>
    body.case === "frames"
      ? body.value.frames
          .filter((frame) => frame.channelId === channelId && frame.flags === 2)
          .map((frame) => Buffer.from(frame.ciphertext).toString("latin1"))
      : [],
  );
}

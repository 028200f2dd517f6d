import type { MessageBytes } from "@leapmux/shared/wire/message-pipe.ts";
import { describe, expect, it } from "vitest";
import { makeTransferable, type ToCryptoThread } from "./thread-protocol.ts";
import { makeThreadPipe } from "./thread-pipe.ts";

const bytes = (...values: number[]) => Uint8Array.from(values) as MessageBytes;

function setUp() {
  const posted: { message: ToCryptoThread; transfer: Transferable[] }[] = [];
  const made = makeThreadPipe("c1", 1000, (message, transfer = []) =>
    posted.push({ message, transfer }),
  );
  return { ...made, posted };
}

describe("makeThreadPipe", () => {
  it("carries what was sent in one task in one message, in order, with its buffers", async () => {
    const { pipe, posted } = setUp();
    const first = bytes(1);
    pipe.send(1n, first);
    pipe.send(2n, bytes(2));
    expect(posted).toEqual([]);
    await Promise.resolve();
    expect(posted).toHaveLength(1);
    expect(posted[0]!.message).toMatchObject({
      kind: "send",
      messages: [
        { channelId: "c1", correlationId: 1n },
        { channelId: "c1", correlationId: 2n },
      ],
    });
    expect(posted[0]!.transfer[0]).toBe(first.buffer);
  });

  it("keeps messages that come before anybody listens", () => {
    const { pipe, deliver } = setUp();
    const got: [bigint, number[]][] = [];
    deliver(1n, bytes(1));
    deliver(2n, bytes(2));
    pipe.onMessage((id, message) => got.push([id, [...message]]));
    deliver(1n, bytes(3));
    expect(got).toEqual([
      [1n, [1]],
      [2n, [2]],
      [1n, [3]],
    ]);
  });

  it("ends once, tells late listeners too, and is silent afterwards", async () => {
    const { pipe, end, deliver, posted } = setUp();
    const reasons: string[] = [];
    pipe.onClose((reason) => reasons.push(reason));
    pipe.send(1n, bytes(1));
    end("link_lost");
    end("closed");
    pipe.onClose((reason) => reasons.push(reason));
    pipe.onMessage(() => reasons.push("message"));
    deliver(1n, bytes(1));
    pipe.send(1n, bytes(1));
    pipe.close("closed");
    await Promise.resolve();
    expect(reasons).toEqual(["link_lost", "link_lost"]);
    expect(posted).toEqual([]);
  });

  it("sends what waits before it closes the channel", () => {
    const { pipe, posted } = setUp();
    pipe.send(1n, bytes(1));
    pipe.close("closed");
    expect(posted.map(({ message }) => message.kind)).toEqual(["send", "close-channel"]);
  });
});

describe("makeTransferable", () => {
  it("copies a view of a larger buffer and hands over a whole one", () => {
    const whole = bytes(1, 2, 3);
    const large = bytes(0, 4, 5, 0);
    const view = large.subarray(1, 3);
    const { messages, transfer } = makeTransferable([
      { channelId: "c", correlationId: 1n, message: whole },
      { channelId: "c", correlationId: 2n, message: view },
    ]);
    expect(messages[0]!.message).toBe(whole);
    expect([...messages[1]!.message]).toEqual([4, 5]);
    expect(transfer[0]).toBe(whole.buffer);
    expect(transfer[1]).not.toBe(large.buffer);
  });
});

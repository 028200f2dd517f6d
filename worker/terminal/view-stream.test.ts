import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeTerminalOutput } from "./terminal-output.ts";
import { makeViewStream, maxSnapshotPartBytes } from "./view-stream.ts";

function setUp() {
  const output = makeTerminalOutput({
    epoch: "e",
    cols: 40,
    rows: 10,
    nextTurn: () => Promise.resolve(),
    events: {
      reply: () => undefined,
      titleChanged: () => undefined,
      bell: () => undefined,
      directoryTold: () => undefined,
      colourAsked: () => null,
      parsed: () => undefined,
    },
  });
  const stream = makeViewStream({
    output,
    clock: makeManualClock(),
    start: output.resume("e", 0),
    describe: () => ({ terminalId: "t" }),
    onTaken: () => undefined,
  });
  return { output, stream, events: stream.events() };
}

test("a view that fell behind gets the screen in parts, and then goes on without a gap", async () => {
  const { output, stream, events } = setUp();
  for (let count = 0; count < 60_000; count++)
    output.append(Buffer.from(`line number ${count} ${"–".repeat(30)}\r\n`));
  await output.settle();
  expect(stream.lagBytes()).toBe(output.end);

  const parts: number[] = [];
  for (;;) {
    const { value } = await events.next();
    if (value?.case !== "snapshot") throw new Error("no snapshot");
    parts.push(value.value.data?.length ?? 0);
    // Each part is whole text: a terminal must not be given half a character.
    new TextDecoder("utf-8", { fatal: true }).decode(value.value.data);
    expect(value.value.position?.offset).toBe(BigInt(output.end));
    if (value.value.last) break;
  }
  expect(parts.length).toBeGreaterThan(2);
  expect(Math.max(...parts)).toBeLessThanOrEqual(maxSnapshotPartBytes);
  expect((await events.next()).value?.case).toBe("stateChanged");
  expect(stream.lagBytes()).toBe(0);

  const from = output.end;
  output.append(Buffer.from("on"));
  stream.wake();
  const next = (await events.next()).value;
  expect(next).toMatchObject({ case: "output", value: { offset: BigInt(from) } });
});

test("what was accepted of the input is told once, with the newest number", async () => {
  const { stream, events } = setUp();
  stream.inputAccepted(3);
  stream.inputAccepted(9);
  expect((await events.next()).value).toEqual({ case: "inputAccepted", value: { offset: 9n } });
  stream.end();
  expect((await events.next()).done).toBe(true);
});

test("it ends with the error that it was ended with, also while it waits", async () => {
  const { stream, events } = setUp();
  const waiting = events.next();
  stream.end(new Error("attached again"));
  await expect(waiting).rejects.toThrow("attached again");
});

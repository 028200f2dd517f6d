import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTurns } from "./take-turns.ts";
import { makeGate } from "./test-gate.ts";
import { makeOutput, readOn, show, takeSnapshot } from "./test-output.ts";
import {
  keptOutputBytes,
  type ScreenSnapshot,
  type TerminalOutput,
  type ViewCursor,
} from "./terminal-output.ts";
import { countUnfinishedBytes } from "./unfinished-character.ts";

const sample = Buffer.from(
  "plain\r\n\x1b[1;31mrot – 日本 😀\x1b[0m\x1b]0;title ü\x07\x1b[5;10H\x1b[?1049halt\x1b[2;3Hx\x1b[?1049l\x1bPq#ä\x1b\\end\r\n\x1b(0qqq\x1b(B",
);

test("a view that resumes at any byte gets exactly the rest", async () => {
  const output = makeOutput();
  output.append(sample);
  await output.settle();
  for (let at = 0; at <= sample.length; at++) {
    const cursor = output.resume("e", at);
    expect(cursor && readOn(output, cursor).equals(sample.subarray(at))).toBe(true);
  }
  expect(output.resume("other", 0)).toBeNull();
  expect(output.resume("e", sample.length + 1)).toBeNull();
});

test("a snapshot at any byte, with the output after it, shows what the whole output shows", async () => {
  const whole = await show(sample);
  for (let at = 0; at <= sample.length; at++) {
    const output = makeOutput();
    output.append(sample.subarray(0, at));
    await output.settle();
    const snapshot = await takeSnapshot(output);
    expect(at - snapshot.cursor.offset).toBe(countUnfinishedBytes(sample.subarray(0, at)));
    output.append(sample.subarray(at));
    const rest = readOn(output, snapshot.cursor);
    expect(await show(snapshot.data, rest), `cut at ${at}`).toBe(whole);
    await output.settle();
    output.dispose();
  }
});

test("however output is cut into reads, nothing is lost and nothing doubled", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 40 }), (parts) => {
      const output = makeOutput();
      let cursor = output.resume("e", 0);
      const taken: Uint8Array[] = [];
      for (const part of parts) {
        output.append(part);
        const next = cursor && output.read(cursor, 1000);
        if (!next || next === "gone") continue;
        cursor = next.cursor;
        if (next.event.case === "output") taken.push(next.event.value.data ?? new Uint8Array(0));
      }
      // What looks like the beginning of a character counts once nothing can follow.
      output.mark({ case: "stateChanged", value: {} });
      if (cursor) taken.push(readOn(output, cursor));
      expect(Buffer.concat(taken).equals(Buffer.concat(parts))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("no read ends inside a character, whatever the cuts", () => {
  const text = Buffer.from("–😀é日x".repeat(40_000));
  const output = makeOutput();
  for (let at = 0; at < text.length; at += 4093) output.append(text.subarray(at, at + 4093));
  const parts: string[] = [];
  for (let cursor = output.resume("e", 0); cursor;) {
    const next = output.read(cursor, 60_000);
    if (!next || next === "gone") break;
    cursor = next.cursor;
    if (next.event.case !== "output") continue;
    parts.push(new TextDecoder("utf-8", { fatal: true }).decode(next.event.value.data));
  }
  expect(parts.join("") === text.toString()).toBe(true);
});

test("sizes are told at their place, and a snapshot after one has it", async () => {
  const output = makeOutput();
  output.append(Buffer.from("before"));
  output.resize(20, 5);
  output.append(Buffer.from("after"));
  const start = output.resume("e", 0);
  const cases: unknown[] = [];
  for (let cursor = start; cursor;) {
    const next = output.read(cursor, 100);
    if (!next || next === "gone") break;
    const { event } = next;
    cases.push(event.case === "output" ? Buffer.from(event.value.data ?? []).toString() : event);
    cursor = next.cursor;
  }
  expect(cases).toEqual(["before", { case: "resized", value: { cols: 20, rows: 5 } }, "after"]);

  await output.settle();
  const snapshot = await takeSnapshot(output);
  expect([snapshot.cols, snapshot.rows]).toEqual([20, 5]);
  expect(output.read(snapshot.cursor, 100)).toBeNull();
});

function readMarks(output: TerminalOutput, from: ViewCursor | null): (string | number)[] | "gone" {
  const marks: (string | number)[] = [];
  for (let cursor = from; cursor;) {
    const next = output.read(cursor, 100);
    if (!next) break;
    if (next === "gone") return "gone";
    cursor = next.cursor;
    if (next.event.case === "resized") marks.push(next.event.value.cols ?? 0);
    else if (next.event.case !== "output") marks.push(next.event.case ?? "");
  }
  return marks;
}

test("of sizes without output between them the last is told, and what else happened always is", () => {
  const output = makeOutput();
  const start = output.resume("e", 0);
  const told = output.resume("e", 0);
  output.mark({ case: "stateChanged", value: {} });
  output.resize(50, 10);
  const seen = told && output.read(told, 100);
  for (let cols = 100; cols < 400; cols++) output.resize(cols, 10);
  output.append(Buffer.from("x"));
  output.resize(41, 10);
  output.mark({ case: "stateChanged", value: {} });
  output.resize(42, 10);
  output.resize(43, 10);
  const rest = [399, 41, "stateChanged", 43];
  expect(readMarks(output, start)).toEqual(["stateChanged", ...rest]);
  // Who was told a size already is told the last one all the same.
  expect(seen === "gone" || readMarks(output, seen?.cursor ?? null)).toEqual(rest);
  expect(readMarks(output, output.resume("e", 1))).toEqual(rest.slice(1));
});

test("who missed more than is kept starts anew instead of missing some of it", async () => {
  const output = makeOutput();
  const start = output.resume("e", 0);
  output.mark({ case: "stateChanged", value: {} });
  const middle = output.end;
  for (let cols = 100; cols < 400; cols++) {
    output.append(Buffer.from("x"));
    output.resize(cols, 10);
  }
  expect(readMarks(output, start)).toBe("gone");
  expect(output.resume("e", middle)).toBeNull();
  expect(readMarks(output, output.resume("e", output.end - 1))).toEqual([398, 399]);
  const { cursor, cols } = await takeSnapshot(output);
  expect(cols).toBe(399);
  output.resize(40, 10);
  expect(readMarks(output, cursor)).toEqual([40]);
});

test("what nobody can need any more is dropped, and who stands there is told", async () => {
  const output = makeOutput();
  const old = output.resume("e", 0);
  for (let count = 0; count < 50; count++) {
    output.append(Buffer.alloc(100_000, "x\r\n"));
    await output.settle();
  }
  expect(output.resume("e", output.end - keptOutputBytes)).not.toBeNull();
  expect(output.resume("e", output.end - keptOutputBytes - 200_000)).toBeNull();
  expect(old && output.read(old, 100)).toBe("gone");
});

test("what comes while a snapshot is taken is told at once, waits for it, and is not on it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  // More than one piece.
  const before = Buffer.from(Array.from({ length: 500 }, (_, y) => `line ${y}\r\n`).join(""));
  output.append(before);
  const live = output.resume("e", output.end);
  const taken = takeSnapshot(output);
  await gate.reached;

  const during = Buffer.from("during \x1b[31m日本\r\nmore");
  output.append(during);
  expect(live && readOn(output, live).equals(during)).toBe(true);
  const whole = await show(before, during);
  // Another screen is through with it, this one has not begun. What paces the PTY counts it.
  expect(output.backlogBytes).toBe(during.length);

  gate.open();
  const snapshot = await taken;
  expect(snapshot.cursor.offset).toBe(before.length);
  expect(await show(snapshot.data)).toBe(await show(before));
  expect(readOn(output, snapshot.cursor).equals(during)).toBe(true);
  await output.settle();
  expect(output.backlogBytes).toBe(0);
  expect(await show((await takeSnapshot(output)).data)).toBe(whole);
});

test("a size that comes while a snapshot is taken is told after it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  output.append(Buffer.from("x".repeat(60)));
  const taken = takeSnapshot(output);
  await gate.reached;
  output.resize(20, 5);
  output.append(Buffer.from("y"));
  // Another screen is through with something that came later: this one waits.
  await show(sample);

  gate.open();
  const { cursor, cols, rows, data } = await taken;
  expect([cols, rows]).toEqual([40, 10]);
  expect(await show(data)).toBe(await show(Buffer.from("x".repeat(60))));
  const next = output.read(cursor, 100);
  expect(next).toMatchObject({ event: { case: "resized", value: { cols: 20, rows: 5 } } });
  const later = await takeSnapshot(output);
  expect([later.cols, later.rows, later.cursor.offset]).toEqual([20, 5, 61]);
});

test("who asks at the same place gets the same snapshot; who asks after more, one that has it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  output.append(Buffer.from("one"));
  const first = [output.snapshot(), output.snapshot()];
  await gate.reached;
  first.push(output.snapshot());
  output.append(Buffer.from("two"));
  const second = [output.snapshot()];
  output.append(Buffer.from("three"));
  second.push(output.snapshot());

  gate.open();
  const [early, late] = [await Promise.all(first), await Promise.all(second)];
  expect(new Set(early).size).toBe(1);
  expect(early[0]?.cursor.offset).toBe(3);
  expect(new Set(late).size).toBe(1);
  expect(late[0]?.cursor.offset).toBe(11);
});

test("there is no snapshot when it all ends in the middle, and nobody waits for ever", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  const taken = output.snapshot();
  await gate.reached;
  output.append(Buffer.from("late"));
  output.resize(20, 5);
  const after = output.snapshot();
  const settled = output.settle();
  output.dispose();
  gate.open();
  expect(await taken).toBeNull();
  expect(await after).toBeNull();
  await settled;
});

test("snapshots at any moment of a stream, with what follows each, show what the whole stream shows", async () => {
  const step = fc.oneof(fc.nat({ max: 60 }), fc.constantFrom("snapshot", "turn"));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const nextTurn = makeTurns();
      const output = makeOutput(nextTurn);
      const stream = Buffer.concat(Array.from({ length: 20 }, () => sample));
      let at = 0;
      const asked: Promise<ScreenSnapshot>[] = [];
      for (const what of steps) {
        if (what === "snapshot") asked.push(takeSnapshot(output));
        else if (what === "turn") await nextTurn();
        else {
          output.append(stream.subarray(at, at + what));
          at += what;
        }
      }
      // What looks like the beginning of a character counts once nothing can follow.
      output.mark({ case: "stateChanged", value: {} });
      const whole = await show(stream.subarray(0, at));
      for (const snapshot of await Promise.all(asked))
        expect(await show(snapshot.data, readOn(output, snapshot.cursor))).toBe(whole);
      output.dispose();
    }),
    { numRuns: 40 },
  );
});

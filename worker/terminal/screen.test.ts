import headless from "@xterm/headless";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeScreen, type Screen } from "./screen.ts";
import { makeGate } from "./test-gate.ts";
import type { NextTurn } from "./take-turns.ts";

function makeTestScreen(nextTurn: NextTurn = () => Promise.resolve()): {
  readonly screen: Screen;
  /** What happened, in order. */
  readonly order: string[];
} {
  const order: string[] = [];
  const resize = vi.spyOn(headless.Terminal.prototype, "resize");
  onTestFinished(() => resize.mockRestore());
  resize.mockImplementation((cols, rows) => void order.push(`${cols}x${rows}`));
  const events = {
    reply: () => undefined,
    titleChanged: () => undefined,
    bell: () => undefined,
    directoryTold: () => undefined,
    colourAsked: () => null,
    parsed: () => void order.push("output"),
  };
  return { screen: makeScreen(80, 24, events, nextTurn), order };
}

const settle = (screen: Screen): Promise<void> => new Promise((done) => screen.after(done));

test("of sizes that wait the last one is taken, and told once", async () => {
  const { screen, order } = makeTestScreen();
  const done = vi.fn<(cols: number) => void>();
  for (let cols = 100; cols < 300; cols++) screen.resize(cols, 30, () => done(cols));
  await settle(screen);
  expect(order).toEqual(["299x30"]);
  expect(done.mock.calls).toEqual([[299]]);
  screen.resize(80, 24, () => undefined);
  await settle(screen);
  expect(order).toEqual(["299x30", "80x24"]);
});

test("sizes stay where they were in the output", async () => {
  const { screen, order } = makeTestScreen();
  const marks = (name: string) => () => void order.push(name);
  screen.resize(50, 10, marks("first"));
  screen.resize(51, 10, marks("second"));
  screen.write(Buffer.from("x"));
  screen.resize(52, 10, marks("third"));
  screen.after(marks("mark"));
  screen.resize(53, 10, marks("fourth"));
  await settle(screen);
  expect(order).toEqual([
    ...["51x10", "second", "output", "52x10", "third", "mark", "53x10", "fourth"],
  ]);
});

test("one that comes during a snapshot does not get onto it, beside one that came before", async () => {
  const gate = makeGate();
  const { screen, order } = makeTestScreen(gate.nextTurn);
  screen.resize(50, 10, () => undefined);
  const encoded = screen.encode();
  screen.resize(60, 10, () => undefined);
  await gate.reached;
  screen.resize(61, 10, () => undefined);
  expect(order).toEqual(["50x10"]);
  gate.open();
  await encoded;
  await settle(screen);
  expect(order).toEqual(["50x10", "61x10"]);
});

import { describe, expect, test } from "vitest";
import { CommandError } from "./command-error.ts";
import { makeOutput, type Sink } from "./output.ts";

function makeSink(isTTY: boolean): Sink & { text: () => string } {
  let text = "";
  return { isTTY, write: (more) => (text += more), text: () => text };
}

function makeAll(isTTY: boolean, noColor = false) {
  const stdout = makeSink(isTTY);
  const stderr = makeSink(isTTY);
  return { stdout, stderr, output: makeOutput(stdout, stderr, noColor) };
}

const escape = "\u001b";

describe("output", () => {
  test("on a pipe logs are JSON and nothing is coloured", () => {
    const { output, stdout, stderr } = makeAll(false);
    output.print("ready");
    output.warn("careful\nvery");
    output.logger("info").info({ channelId: "c1" }, "channel opened");
    expect(stdout.text()).toBe("ready\n");
    const lines = stderr.text().trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", msg: "WARNING: careful\nvery" }),
      expect.objectContaining({ level: "info", msg: "channel opened", channelId: "c1" }),
    ]);
    expect(stdout.text() + stderr.text()).not.toContain(escape);
  });

  test("what an error quotes does not steer the terminal", () => {
    const { output, stderr } = makeAll(true, true);
    const told = `first ${escape}]0;title\u0007\nsecond \u009b2J`;
    output.error(new CommandError("failure", told, told));
    const shown = "first \ufffd]0;title\ufffd\nsecond \ufffd2J\n";
    expect(stderr.text()).toBe(`error: ${shown}${shown}`);
  });

  test("on a terminal logs are for people, in colour", () => {
    const { output, stderr } = makeAll(true);
    output.logger("info").warn({ reason: "slow_consumer" }, "channel closed");
    expect(stderr.text()).toContain(escape);
    expect(stderr.text()).toContain("channel closed");
    expect(stderr.text()).toContain("reason=slow_consumer");
  });

  test("NO_COLOR is honoured on a terminal", () => {
    const { output, stdout, stderr } = makeAll(true, true);
    output.print("ready");
    output.warn("careful");
    output.error(new CommandError("failure", "no", "Try again."));
    output.logger("info").info("hello");
    expect(stdout.text() + stderr.text()).not.toContain(escape);
  });

  test("the level is a threshold", () => {
    const { output, stderr } = makeAll(false);
    output.logger("warn").info("quiet");
    expect(stderr.text()).toBe("");
  });

  test("secrets that somebody logs by mistake do not arrive", () => {
    const { output, stderr } = makeAll(false);
    output
      .logger("info")
      .info({ registrationKey: "hush1", options: { workerToken: "hush2" } }, "x");
    expect(stderr.text()).not.toMatch(/hush/);
  });

  test("text from elsewhere cannot steer the terminal", () => {
    const { output, stderr } = makeAll(true, true);
    output.logger("info").info({ name: `a${escape}[2Jb` }, `title ${escape}]0;x\u0007`);
    expect(stderr.text()).not.toContain(escape);
  });

  test("progress is replaced on a terminal and a log line elsewhere", () => {
    const terminal = makeAll(true, true);
    terminal.output.progress("one");
    terminal.output.progress("two");
    terminal.output.progress("");
    expect(terminal.stderr.text()).toBe(`one\r${escape}[2Ktwo\r${escape}[2K`);
    const pipe = makeAll(false);
    pipe.output.progress("one");
    pipe.output.progress("");
    expect(JSON.parse(pipe.stderr.text())).toMatchObject({ level: "info", msg: "one" });
  });

  test("an error names the next step", () => {
    const { output, stderr } = makeAll(false);
    output.error(new CommandError("failure", "port in use", "Choose another."));
    expect(stderr.text()).toBe("error: port in use\nChoose another.\n");
  });
});

import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";
import { lookWhatRuns } from "./look-what-runs.ts";

const atPrompt = { running: true, foregroundCommand: "" };
const known = { terminal: atPrompt, isComplete: true, isOnline: true };
const refuses = (code: Code) => () => Promise.reject(new ConnectError("", code));

test("a shell at its prompt is asked again, since what was told may be old", async () => {
  expect(await lookWhatRuns({ ...known, ask: async () => "" })).toEqual({ kind: "nothing" });
  const runs = { kind: "command", command: "vim" };
  expect(await lookWhatRuns({ ...known, ask: async () => "vim" })).toEqual(runs);
});

test("a program that was told of is asked about at once", async () => {
  const ask = vi.fn<() => Promise<string>>();
  const terminal = { running: true, foregroundCommand: "make" };
  for (const isOnline of [true, false]) {
    const runs = await lookWhatRuns({ ...known, terminal, isOnline, ask });
    expect(runs).toEqual({ kind: "command", command: "make" });
  }
  expect(ask).not.toHaveBeenCalled();
});

test("no answer is not the answer that nothing runs", async () => {
  const late = await lookWhatRuns({ ...known, ask: refuses(Code.DeadlineExceeded) });
  expect(late).toEqual({ kind: "unknown", why: "no_answer" });
  const away = await lookWhatRuns({ ...known, isOnline: false, ask: async () => "" });
  expect(away).toEqual({ kind: "unknown", why: "offline" });
});

test("what the worker did not tell yet is unknown; what it does not have is gone", async () => {
  const untold = { terminal: undefined, isComplete: false, isOnline: false };
  const ask = refuses(Code.NotFound);
  expect(await lookWhatRuns({ ...untold, ask })).toEqual({ kind: "unknown", why: "offline" });
  expect(await lookWhatRuns({ ...untold, isOnline: true, ask })).toEqual({ kind: "nothing" });
  expect(await lookWhatRuns({ ...untold, isComplete: true, ask })).toEqual({ kind: "nothing" });
});

test("a shell that ended is closed without a question, wherever the worker is", async () => {
  const terminal = { running: false, foregroundCommand: "" };
  const ask = refuses(Code.Unavailable);
  const looked = await lookWhatRuns({ ...known, terminal, isOnline: false, ask });
  expect(looked).toEqual({ kind: "nothing" });
});

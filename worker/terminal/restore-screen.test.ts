import { TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { attach, startTestWorker, testUser } from "./test-terminals.ts";

test("a kept screen that cannot be read is logged, and its terminal starts with an empty one", async () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const damaged = await startTestWorker({ logger });
  onTestFinished(() => damaged.stop());
  const view = await attach(await damaged.open("t"));
  await view.type("echo bef''ore\r");
  await view.see("before");
  await damaged.restart((database) =>
    database
      .updateTable("terminals")
      .set({ snapshot: Buffer.from("not what was kept") })
      .execute(),
  );

  const terminal = damaged.terminals.get(testUser, "t");
  const back = await attach(terminal, { viewId: "view-2" });
  await back.seeState(TerminalState.EXITED);
  expect(await back.screen()).toBe("");
  await damaged.terminals.restart(terminal);
  await back.type("echo af''ter\r");
  await back.see("after");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({
      terminalId: "t",
      code: expect.stringMatching(/^Z/),
      msg: "a kept screen could not be read",
    }),
  ]);
});

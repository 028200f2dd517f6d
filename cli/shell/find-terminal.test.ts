/** What a worker says of its terminals stands in command lines and tables of whoever looks at it. */
import { createClient, createRouterTransport } from "@connectrpc/connect";
import { TerminalService, type Terminal } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { expect, test } from "vitest";
import { makeOutput } from "../output.ts";
import { findTerminal, listTerminals } from "./find-terminal.ts";
import { printTerminals } from "./print-terminals.ts";

type Said = Partial<Omit<Terminal, "$typeName" | "$unknown">>;

/** A worker that says so, and then nothing else or the same for ever. */
function workerThatSays(said: Said, isEndless = false) {
  const transport = createRouterTransport(({ service }) => {
    service(TerminalService, {
      openTerminal: () => ({ terminal: said }),
      async *watchTerminals() {
        do {
          yield { body: { case: "terminal", value: said } };
          await new Promise(setImmediate);
        } while (isEndless);
        yield { body: { case: "complete", value: {} } };
      },
    });
  });
  return createClient(TerminalService, transport);
}

const size = { cols: 80, rows: 24 };
const hostile = "tab_x --attach $(id)\u001b[2J";

test("an id that is none is neither attached to nor listed, whatever begins like it", async () => {
  const worker = workerThatSays({ terminalId: hostile });
  expect(await listTerminals(worker)).toEqual([]);
  const attached = findTerminal(worker, { attach: "tab_x", command: "", size });
  await expect(attached).rejects.toThrow("there is no terminal tab_x");
});

test("a new terminal has the id that it was opened with", async () => {
  for (const terminalId of [hostile, "tab_another", ""]) {
    const opened = findTerminal(workerThatSays({ terminalId }), {
      ...{ attach: undefined, command: "", size },
    });
    await expect(opened).rejects.toThrow("answered without the terminal");
  }
});

test("a list without end is given up", async () => {
  const worker = workerThatSays({ terminalId: "tab_one" }, true);
  await expect(listTerminals(worker)).rejects.toThrow("lists more than 1000 terminals");
});

test("no title steers the terminal that shows it, as a table or in JSON, and no time breaks it", async () => {
  const said = { terminalId: "tab_one", title: "a\u001b[2J\u009b\u202eb", createdAtMs: 2n ** 62n };
  const all = await listTerminals(workerThatSays(said));
  for (const json of [false, true]) {
    let text = "";
    const sink = { write: (part: string) => (text += part) };
    printTerminals(all, { json, output: makeOutput(sink, sink, true) });
    expect(text).toContain("tab_one");
    // eslint-disable-next-line no-control-regex -- control characters are exactly what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

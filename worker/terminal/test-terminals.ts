import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import {
  AttachTerminalRequest_BeginSchema,
  type TerminalState,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import headless from "@xterm/headless";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { type Logger, pino } from "pino";
import type { WorkerEnvironment } from "../config/read-environment.ts";
import { defaultWorkerLimits } from "../config/worker-limits.ts";
import { openDatabase } from "../store/open-database.ts";
import { makeTerminalStore } from "../store/terminal-store.ts";
import { makeProcessTable } from "./process-table.ts";
import { makeTurns, type NextTurn } from "./take-turns.ts";
import type { Terminal, TerminalDetails } from "./terminal.ts";
import type { ViewEvent } from "./terminal-output.ts";
import type { AttachedView } from "./terminal-views.ts";
import { openTerminals, type Terminals } from "./terminals.ts";

/** Real shells on real terminals with a real store, in a directory of their own. */
export interface TestWorker {
  readonly home: string;
  readonly terminals: Terminals;
  open(terminalId: string, changes?: Partial<Parameters<Terminals["open"]>[1]>): Promise<Terminal>;
  /** The same data directory, after `stop` and what happens to it meanwhile. */
  restart(
    meanwhile?: (database: Awaited<ReturnType<typeof openDatabase>>) => unknown,
  ): Promise<void>;
  stop(): Promise<void>;
}

export const testUser = "user-1";

export async function startTestWorker(
  options: {
    readonly clock?: Clock;
    readonly variables?: Record<string, string>;
    readonly useLoginShell?: boolean;
    readonly nextTurn?: NextTurn;
    readonly logger?: Logger;
  } = {},
): Promise<TestWorker> {
  const root = mkdtempSync(join(tmpdir(), "leapmux-terminals-"));
  const dataDir = join(root, "data");
  const home = join(root, "home");
  mkdirSync(home);
  const environment: WorkerEnvironment = {
    variables: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: home,
      PS1: "$ ",
      ...options.variables,
    },
    home,
    userName: "tester",
    hostName: "testing",
    loginShells: ["/bin/sh"],
    preferredShell: undefined,
  };

  async function start(): Promise<{ terminals: Terminals; stop: () => Promise<void> }> {
    const database = await openDatabase(dataDir);
    const terminals = await openTerminals({
      store: makeTerminalStore(database),
      table: makeProcessTable(),
      clock: options.clock ?? nodeClock,
      nextTurn: options.nextTurn ?? makeTurns(),
      random: nodeRandom,
      wallClockMs: () => Date.now(),
      environment,
      limits: { ...defaultWorkerLimits, maxTerminalsPerUser: 3 },
      useLoginShell: options.useLoginShell ?? true,
      logger: options.logger ?? pino({ level: "silent" }),
    });
    return {
      terminals,
      async stop() {
        await terminals.stop();
        await database.destroy();
      },
    };
  }

  let running = await start();
  return {
    home,
    get terminals() {
      return running.terminals;
    },
    open: (terminalId, changes) =>
      running.terminals.open(testUser, {
        terminalId,
        workspaceId: "w",
        shell: "",
        directory: "",
        cols: 80,
        rows: 24,
        title: "",
        command: "",
        ...changes,
      }),
    async restart(meanwhile) {
      await running.stop();
      if (meanwhile) {
        const database = await openDatabase(dataDir);
        await meanwhile(database);
        await database.destroy();
      }
      running = await start();
    },
    async stop() {
      await running.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

type BeginInit = MessageInitShape<typeof AttachTerminalRequest_BeginSchema>;

/** A view as a browser is one: types, reads, shows, and comes back. */
export interface TestView {
  readonly view: AttachedView;
  readonly events: ViewEvent[];
  /** Everything that came as output, and where it ends. */
  text: string;
  outputBytes: number;
  offset: bigint;
  epoch: string;
  inputSent: number;
  type(text: string): Promise<void>;
  /** Reads on until the output has it; the output until there, from the last call on. */
  see(pattern: RegExp | string): Promise<string>;
  /** Reads on until such an event. */
  seeEvent<Case extends ViewEvent["case"]>(name: Case): Promise<ViewEvent & { case: Case }>;
  /** Reads on until the terminal is told to be in this state; how it is then. */
  seeState(state: TerminalState): Promise<TerminalDetails>;
  /** Reads on until this place of the output. */
  seeOffset(offset: bigint): Promise<void>;
  /** Takes one event; `null` at the end. */
  take(): Promise<ViewEvent | null>;
  /** The screen as a headless terminal shows it that was given everything that came. */
  screen(): Promise<string>;
  leave(): void;
}

export async function attach(terminal: Terminal, changes: BeginInit = {}): Promise<TestView> {
  const begin = create(AttachTerminalRequest_BeginSchema, {
    terminalId: terminal.terminalId,
    viewId: "view-1",
    cols: 80,
    rows: 24,
    ...changes,
  });
  const view = await terminal.attach(begin);
  const source = view.events();
  const shown = new headless.Terminal({
    cols: 80,
    rows: 24,
    scrollback: 10_000,
    allowProposedApi: true,
  });
  shown.loadAddon(new Unicode11Addon());
  shown.unicode.activeVersion = "11";
  let seen = 0;

  const test: TestView = {
    view,
    events: [],
    text: "",
    outputBytes: 0,
    offset: begin.resumeFrom?.offset ?? 0n,
    epoch: begin.resumeFrom?.epoch ?? "",
    inputSent: Number(begin.inputSent),
    async type(text) {
      const data = Buffer.from(text);
      const offset = BigInt(test.inputSent);
      test.inputSent += data.length;
      const value = {
        $typeName: "leapmux.sealed.v1.AttachTerminalRequest.Input",
        offset,
        data,
      } as const;
      await view.receive({ case: "input", value });
    },
    async take() {
      const { done, value } = await source.next();
      if (done) return null;
      note(value);
      return value;
    },
    async see(pattern) {
      for (;;) {
        const rest = test.text.slice(seen);
        const found = typeof pattern === "string" ? rest.includes(pattern) : pattern.test(rest);
        if (found) {
          seen = test.text.length;
          return rest;
        }
        if ((await test.take()) === null)
          throw new Error(`the view ended; it had ${JSON.stringify(rest)}`);
      }
    },
    async seeEvent(name) {
      for (;;) {
        const event = await test.take();
        if (event === null) throw new Error("the view ended");
        if (event.case === name) return event as ViewEvent & { case: typeof name };
      }
    },
    async seeState(state) {
      for (;;) {
        const { value } = await test.seeEvent("stateChanged");
        if (value.terminal?.state === state) return value.terminal;
      }
    },
    async seeOffset(offset) {
      while (test.offset < offset) {
        if ((await test.take()) === null) throw new Error("the view ended");
      }
    },
    screen: () =>
      new Promise((resolve) => {
        shown.write("", () => {
          const { active } = shown.buffer;
          const lines = Array.from({ length: active.length }, (_, y) =>
            active.getLine(y)?.translateToString(true),
          );
          resolve(lines.join("\n").trimEnd());
        });
      }),
    leave: () => view.detach(),
  };

  function note(event: ViewEvent): void {
    test.events.push(event);
    if (event.case === "output") {
      const data = event.value.data ?? new Uint8Array(0);
      test.text = (test.text + Buffer.from(data).toString("latin1")).slice(-200_000);
      test.outputBytes += data.length;
      test.offset = (event.value.offset ?? 0n) + BigInt(data.length);
      shown.write(data);
    } else if (event.case === "snapshot") {
      shown.write(event.value.data ?? "");
      test.offset = event.value.position?.offset ?? 0n;
      test.epoch = event.value.position?.epoch ?? "";
    } else if (event.case === "resized") {
      const { cols = 80, rows = 24 } = event.value;
      shown.write("", () => shown.resize(cols, rows));
    }
  }
  return test;
}

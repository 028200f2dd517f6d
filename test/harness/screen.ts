/** What a view's output looks like on a terminal, by the same emulator that browsers use. */
import xterm from "@xterm/headless";
import type { TerminalView } from "./terminal-view.ts";

export interface Screen {
  text(): Promise<string>;
  modes(): Promise<Readonly<Record<string, unknown>>>;
  isAlternate(): Promise<boolean>;
  cursor(): Promise<{ x: number; y: number }>;
}

/** Looks anew at all output of the view with each question. */
export function makeScreen(view: TerminalView): Screen {
  const draw = async (): Promise<InstanceType<typeof xterm.Terminal>> => {
    const { cols, rows } = view.size;
    const terminal = new xterm.Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true });
    await new Promise<void>((resolve) => terminal.write(view.output(), resolve));
    return terminal;
  };
  return {
    async text() {
      const { buffer } = await draw();
      const { active } = buffer;
      const lines = Array.from({ length: active.length }, (_, row) =>
        active.getLine(row)?.translateToString(true),
      );
      return lines.join("\n").trimEnd();
    },
    modes: async () => ({ ...(await draw()).modes }),
    isAlternate: async () => (await draw()).buffer.active.type === "alternate",
    async cursor() {
      const { active } = (await draw()).buffer;
      return { x: active.cursorX, y: active.cursorY };
    },
  };
}

import fc from "fast-check";
import headless from "@xterm/headless";
import { expect, test } from "vitest";
import { encodeScreen } from "./encode-screen.ts";
import { type CellAttributes, readInternals } from "./xterm-internals.ts";

type Terminal = InstanceType<typeof headless.Terminal>;

function makeTerminal(cols = 40, rows = 10): Terminal {
  return new headless.Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true });
}

function write(terminal: Terminal, data: string): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve));
}

/** Everything that a user or a program could notice. */
function observe(terminal: Terminal): unknown {
  const internals = readInternals(terminal);
  const { normal, alternate, active } = terminal.buffer;
  const lines = (buffer: typeof normal): unknown[] =>
    Array.from({ length: buffer.length }, (_, y) => {
      const line = buffer.getLine(y);
      const cells = Array.from({ length: terminal.cols }, (__, x) => {
        const cell = line?.getCell(x);
        if (!cell) return null;
        const full = cell as unknown as CellAttributes & {
          extended: { urlId: number };
          hasExtendedAttrs(): number;
        };
        const chars = cell.getChars();
        const background = [cell.getBgColorMode(), cell.getBgColor()];
        const style = [
          cell.getFgColorMode(),
          cell.getFgColor(),
          cell.isBold(),
          cell.isDim(),
          cell.isItalic(),
          cell.isUnderline(),
          cell.isInverse(),
          cell.isStrikethrough(),
          cell.isOverline(),
          cell.isInvisible(),
          full.getUnderlineStyle(),
          full.getUnderlineStyle() === 0 ? 0 : full.getUnderlineColor(),
          full.hasExtendedAttrs() ? internals.findLink(full.extended.urlId)?.uri : undefined,
        ];
        // A cell that was never written looks like a plain space: its background is all that shows.
        const isPlain = cell.isFgDefault() && style.slice(2).every((part) => !part);
        const isBlank = chars === "" || (chars === " " && isPlain);
        return [isBlank ? "" : chars, cell.getWidth(), background, isBlank ? null : style];
      });
      // What the first line continued is gone.
      return [y > 0 && line?.isWrapped, cells];
    });
  const { buffers } = internals;
  const place = ({ x, y, scrollTop, scrollBottom }: typeof buffers.normal): unknown => [
    x,
    y,
    scrollTop,
    scrollBottom,
  ];
  return {
    type: active.type,
    normal: lines(normal),
    alternate: active.type === "alternate" ? lines(alternate) : null,
    normalPlace: place(buffers.normal),
    alternatePlace: active.type === "alternate" ? place(buffers.alt) : null,
    modes: terminal.modes,
    hidden: internals.core.isCursorHidden,
    private: { ...internals.core.decPrivateModes },
    mouse: internals.mouse.activeEncoding,
    glevel: internals.charset.level(),
  };
}

const screens: Readonly<Record<string, string>> = {
  empty: "",
  text: "one\r\ntwo \x1b[1;31mred\x1b[0m three",
  scrollback: Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\r\n"),
  wrapped: `${"x".repeat(100)}\r\nnext`,
  "cursor beyond the last column": "y".repeat(40),
  wide: "日本語テキスト 😀 é",
  colours: "\x1b[38;2;1;2;3;48;5;200mcells\x1b[K\r\n\x1b[0mplain\x1b[44m\x1b[2K",
  "full screen as vim leaves it":
    "$ vim\r\n\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[1;9r\x1b[2;3H\x1b[7m~status~\x1b[0m\x1b[10;1H--INSERT--\x1b[?25l\x1b[3;4H\x1b[?1002h\x1b[?1006h\x1b[5 q\x1b[?25h",
  "colours on while the alternate screen begins": "\x1b[31mred\x1b[?1049h\x1b[2J\x1b[Hstill",
  "scroll region with origin mode": "\x1b[3;7r\x1b[?6h\x1b[2;5Hinside",
  "line drawing": "\x1b(0lqqk\x1b)0",
  "shifted out": "\x1b)0\x0eqqq",
  "no wrapping, insert mode": "\x1b[?7l\x1b[4habc",
  "hidden cursor, blinking": "\x1b[?25l\x1b[?12h",
  "steady underline": "\x1b[4 q",
  underlines: "\x1b[4:3;58;2;1;2;3mcurly\x1b[0m \x1b[4:2mdouble\x1b[58;5;9m red\x1b[0m",
  links: "\x1b]8;id=a;https://example.org/?x=1;y=2\x07link\x1b]8;;\x07 plain",
  "a coloured line that wrapped, then erased": `\x1b[41m${"z".repeat(45)}\x1b[0m\x1b[K\r\x1b[3C\x1b[1P`,
  "a wide character that did not fit": `${"w".repeat(39)}日本`,
  "saved cursor": "text\x1b[5;6H\x1b[32m\x1b7\x1b[1;1H\x1b[0m",
  "mouse by pixels": "\x1b[?1003h\x1b[?1016h",
  "reverse wrap, keypad": "\x1b[?45h\x1b=",
};

async function copy(terminal: Terminal): Promise<Terminal> {
  const restored = makeTerminal(terminal.cols, terminal.rows);
  await write(restored, [...encodeScreen(terminal)].join(""));
  return restored;
}

for (const [name, sequence] of Object.entries(screens)) {
  test(`a snapshot makes the same terminal, and it goes on the same: ${name}`, async () => {
    const terminal = makeTerminal();
    await write(terminal, sequence);
    const restored = await copy(terminal);
    expect(observe(restored)).toEqual(observe(terminal));

    const next = "qx\r\nmore\x1b8here\x1b[?1049lback\r\n\t|tab";
    await write(terminal, next);
    await write(restored, next);
    expect(observe(restored)).toEqual(observe(terminal));
  });
}

test("tab stops are kept", async () => {
  const terminal = makeTerminal();
  await write(terminal, "\x1b[3g\x1b[1;5H\x1bH\x1b[1;9H\x1bH\x1b[3;1H");
  const restored = await copy(terminal);
  await write(restored, "\ta\tb\tc");
  await write(terminal, "\ta\tb\tc");
  expect(restored.buffer.active.getLine(2)?.translateToString(true)).toBe(
    terminal.buffer.active.getLine(2)?.translateToString(true),
  );
});

/** What programs print, in any order. */
const pieces = fc.oneof(
  fc.constantFrom(
    "a",
    "日",
    "é",
    "x".repeat(17),
    "\r\n",
    "\n",
    "\r",
    "\t",
    "\b",
    "\x1bM",
    "\x1b7",
    "\x1b8",
  ),
  fc.constantFrom(
    "\x1b[0m",
    "\x1b[1;31m",
    "\x1b[44m",
    "\x1b[48;2;9;8;7m",
    "\x1b[7m",
    "\x1b[4:3;58;5;4m",
  ),
  fc.constantFrom(
    "\x1b[K",
    "\x1b[1K",
    "\x1b[2J",
    "\x1b[J",
    "\x1b[3X",
    "\x1b[2P",
    "\x1b[2@",
    "\x1b[L",
    "\x1b[M",
    "\x1b[2S",
    "\x1b[T",
  ),
  fc.constantFrom(
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[?7l",
    "\x1b[?7h",
    "\x1b[2;5r",
    "\x1b[r",
    "\x1b[?6h",
    "\x1b[?6l",
    "\x1b[4h",
    "\x1b[4l",
  ),
  fc.constantFrom(
    "\x1b(0",
    "\x1b(B",
    "\x1b[?25l",
    "\x1b[3 q",
    "\x1b[?1002h\x1b[?1006h",
    "\x1b[?2004h",
    "\x1b[!p",
  ),
  fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 25 }))
    .map(([y, x]) => `\x1b[${y};${x}H`),
);

test("whatever was printed, the snapshot shows the same and goes on the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 60 }),
      fc.array(pieces, { maxLength: 10 }),
      async (before, after) => {
        const terminal = makeTerminal(20, 6);
        await write(terminal, before.join(""));
        const restored = await copy(terminal);
        expect(observe(restored)).toEqual(observe(terminal));
        await write(terminal, after.join(""));
        await write(restored, after.join(""));
        expect(observe(restored)).toEqual(observe(terminal));
      },
    ),
    { numRuns: 200 },
  );
});

test("whatever was printed, the pieces are the same snapshot, however small they are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 60 }),
      fc.integer({ min: 1, max: 300 }),
      async (printed, maxCells) => {
        const terminal = makeTerminal(20, 6);
        await write(terminal, printed.join(""));
        const whole = [...encodeScreen(terminal, Infinity)].join("");
        expect([...encodeScreen(terminal, maxCells)].join("")).toBe(whole);
      },
    ),
    { numRuns: 100 },
  );
});

test("no piece goes through more cells than it may, unless a line alone is longer", async () => {
  const terminal = makeTerminal(40, 10);
  // Wrapped lines, lines with a style for each cell, and an alternate screen.
  const colourful = Array.from({ length: 40 }, (_, x) => `\x1b[38;5;${x}mx`).join("");
  await write(terminal, `${"x".repeat(40)}${colourful}\x1b[0m${"x".repeat(40)}\r\n`.repeat(400));
  await write(terminal, `\x1b[?1049h\x1b[H${"x".repeat(400)}`);
  const total = terminal.buffer.normal.length * 40 + 400;
  for (const [maxCells, most] of [
    [undefined, 8_000],
    [1000, 1000],
    [130, 120],
    [7, 40],
  ] as const) {
    const cells = [...encodeScreen(terminal, maxCells)].map((piece) => piece.split("x").length - 1);
    expect(Math.max(...cells)).toBeLessThanOrEqual(most);
    expect(cells.length).toBeGreaterThan(total / most - 2);
  }
});

test("more styles than are remembered do not mix", async () => {
  const terminal = makeTerminal(40, 10);
  const cells = Array.from(
    { length: 20_000 },
    (_, at) => `\x1b[38;2;${at % 251};${at % 241};${at % 7}mx\x1b[0;${41 + (at % 7)}my`,
  );
  await write(terminal, cells.join(""));
  expect(observe(await copy(terminal))).toEqual(observe(terminal));
});

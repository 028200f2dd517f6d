/**
 * A full-screen program for the tests, run inside a terminal: alternate screen, mouse reports, bracketed paste,
 * application cursor keys, colours of every depth, wide characters, a cursor off the beaten track. What it is sent
 * it shows as hex in the last row. `q` ends it.
 */
const write = (text: string): void => void process.stdout.write(text);
const at = (row: number, column: number): string => `\x1b[${row};${column}H`;

const { rows = 24, columns = 80 } = process.stdout;
write("\x1b[?1049h\x1b[2J\x1b[?1000h\x1b[?1006h\x1b[?2004h\x1b[?1h");
for (let row = 1; row < rows; row += 1) {
  write(`${at(row, 1)}\x1b[38;5;${16 + row}m│\x1b[0m${at(row, columns)}\x1b[7m│\x1b[0m`);
}
write(`${at(2, 5)}\x1b[1;31mbold red\x1b[0m \x1b[3;4;32mitalic green\x1b[0m \x1b[9mstruck\x1b[0m`);
write(`${at(3, 5)}\x1b[38;2;250;120;10mtrue colour\x1b[48;2;10;20;90m on blue\x1b[0m`);
write(`${at(5, 5)}wide: 漢字 かな, combined: e\u0301, emoji: 🙂.`);
// A region that scrolled.
write(`\x1b[8;12r${at(12, 3)}`);
for (let line = 1; line <= 9; line += 1) write(`\r\n  scrolled ${line}`);
write(`\x1b[r${at(7, 13)}the cursor stands here:`);

process.stdin.setRawMode(true);
process.stdin.on("data", (data: Buffer) => {
  if (data.toString() === "q") {
    write("\x1b[?1l\x1b[?2004l\x1b[?1006l\x1b[?1000l\x1b[?1049l");
    process.exit();
  }
  write(`\x1b7${at(rows, 1)}\x1b[2Kgot ${data.toString("hex")}\x1b8`);
});

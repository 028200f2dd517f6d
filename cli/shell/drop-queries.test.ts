import fc from "fast-check";
import { expect, test } from "vitest";
import { makeQueryFilter } from "./drop-queries.ts";

function pass(...parts: string[]): string {
  const filter = makeQueryFilter();
  const passed = parts.map((part) => filter.pass(Buffer.from(part, "latin1")));
  return Buffer.concat(passed).toString("latin1");
}

test.each([
  "\x1b[c",
  "\x1b[>0c",
  "\x1b[=c",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[?996n",
  "\x1b[?2026$p",
  "\x1b[4$p",
  "\x1b[>q",
  "\x1b[?u",
  "\x1b[14t",
  "\x1b[x",
  "\x1b[1$w",
  "\x1b[1;1;1;1;1;1*y",
  "\x1bZ",
  "\x05",
  "\x1bP$qm\x1b\\",
  "\x1bP+q544e\x1b\\",
  "\x1b]10;?\x07",
  "\x1b]4;1;?;2;?\x1b\\",
  "\x1b]52;c;aGVsbG8=\x07",
  "\x1b]52;c;?\x1b\\",
  "\x1b]1337;ReportCellSize\x07",
  "\x1b_Gi=31,a=q;AAAA\x1b\\",
  "\xc2\x9b6n".slice(0, 2),
])("%j asks, and does not come through", (asks) => {
  expect(pass(`before${asks}after`)).toBe("beforeafter");
  expect(pass("before", ...asks, "after")).toBe("beforeafter");
});

test.each([
  "plain text, \u00c3\u00a4, \xc2\xa0\r\n\t\x08",
  "\x1b[31;1m\x1b[0m\x1b[2J\x1b[H\x1b[10;20H\x1b[?25l\x1b[?1049h\x1b[?2004h",
  "\x1b[!p\x1b[2 q\x1b(B\x1b)0\x1b=\x1b7\x1b8\x1bM\x1b#8",
  "\x1b]0;a title\x07\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\",
  "\x1b]10;#ffffff\x07\x1b]4;1;rgb:00/00/00\x1b\\",
  `\x1bPq#0;2;0;0;0${"~".repeat(20_000)}\x1b\\`,
  "\x1b[>4;1m\x1b[>1u\x1b[<u",
])("%j is output like any other", (output) => {
  expect(pass(output)).toBe(output);
});

test("what is too long to be held is decided by its beginning", () => {
  expect(pass(`a\x1b]52;c;${"A".repeat(100_000)}\x07b`)).toBe("ab");
  expect(pass(`a\x1b]52;c;${"A".repeat(100_000)}`, "A\x1b", "\\b")).toBe("ab");
});

test("what was begun and given up hides nothing that follows", () => {
  expect(pass("\x1b]52;c;AAAA\x18b")).toBe("b");
  expect(pass("\x1b[3\x1b[6nx")).toBe("x");
  expect(pass("\x1b[\x1b[6n6n")).toBe("6n");
  expect(pass("\xc2\x1b[6n\x9b6n")).toBe("\x9b6n");
  expect(pass("\x1b\x05Z\x1b[\x00>q")).toBe("");
  expect(pass("\x1b]0;title\x1b[6nx")).toBe("x");
  expect(pass("\x1b]52;c;A\x1b[6nx")).toBe("x");
});

test("the alternate screen is known, and a reset forgets it", () => {
  const filter = makeQueryFilter();
  filter.pass(Buffer.from("\x1b[?10"));
  filter.pass(Buffer.from("49h"));
  expect(filter.isAlternate).toBe(true);
  filter.pass(Buffer.from("\x1b[?1049l"));
  expect(filter.isAlternate).toBe(false);
  filter.pass(Buffer.from("\x1b[?1047h"));
  filter.reset();
  expect(filter.isAlternate).toBe(false);
});

test("where the bytes are cut makes no difference, and questions are never reassembled", () => {
  const some = fc.array(
    fc.constantFrom(..."\x1b[]P_;?$>0152cnqut\x07\\\x18x\xc2\x9b", "\x1b]52;", "\x1b["),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(some, (pieces) => {
      const whole = pass(pieces.join(""));
      expect(pass(...pieces.join("").split(""))).toBe(whole);
      // A terminal that reads what came through meets no question: there is none left to take out.
      expect(pass(whole)).toBe(whole);
    }),
    { numRuns: 5_000 },
  );
});

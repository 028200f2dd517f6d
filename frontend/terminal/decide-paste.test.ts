import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decidePaste } from "./decide-paste.ts";

const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0, max: 0x400 })))
  .map((codes) => String.fromCodePoint(...codes));

describe("decidePaste", () => {
  it("pastes one line without a question", () => {
    expect(decidePaste("echo hi\tyou", false)).toEqual({ kind: "paste", text: "echo hi\tyou" });
  });

  it("asks before line breaks outside bracketed mode, however they are written", () => {
    for (const text of ["a\nb", "a\r\nb", "a\rb", "a\nb\n"]) {
      expect(decidePaste(text, false)).toEqual({ kind: "ask", text, lineCount: 2 });
    }
  });

  it("asks before a single line that would run at once", () => {
    expect(decidePaste("rm -r x\n", false)).toMatchObject({ kind: "ask", lineCount: 1 });
  });

  it("does not ask where the program sees the brackets", () => {
    expect(decidePaste("a\nb\n", true)).toEqual({ kind: "paste", text: "a\nb\n" });
  });

  it("takes away what could end the brackets or reprogram the terminal", () => {
    expect(decidePaste("a\u001b[201~\nb\u009b1m\u0003", true)).toEqual({
      kind: "paste",
      text: "a[201~\nb1m",
    });
    expect(decidePaste("\u001b\u0000", false)).toEqual({ kind: "nothing" });
  });

  it("never lets a control character through nor a line break unasked", () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, bracketed) => {
        const decision = decidePaste(text, bracketed);
        if (decision.kind === "nothing") return;
        const passed = [...decision.text].filter((character) => {
          const code = character.codePointAt(0)!;
          const control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
          return control && !"\t\r\n".includes(character);
        });
        expect(passed).toEqual([]);
        if (!bracketed && /[\r\n]/.test(decision.text)) expect(decision.kind).toBe("ask");
      }),
    );
  });
});

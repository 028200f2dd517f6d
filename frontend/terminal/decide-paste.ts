/**
 * What becomes of pasted text. A program in bracketed mode sees where a paste begins and ends; without
 * it every line break is Enter, so a person is asked first. Escape characters never pass: they could
 * end the brackets early or reprogram the terminal.
 */
export type PasteDecision =
  | { readonly kind: "nothing" }
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "ask"; readonly text: string; readonly lineCount: number };

export function decidePaste(text: string, bracketedMode: boolean): PasteDecision {
  const safe = stripControls(text);
  if (safe === "") return { kind: "nothing" };
  if (bracketedMode || !/[\r\n]/.test(safe)) return { kind: "paste", text: safe };
  const lineCount = safe.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).length;
  return { kind: "ask", text: safe, lineCount };
}

/** C0 and C1 controls and DEL, apart from tab and line breaks. */
function stripControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "");
}

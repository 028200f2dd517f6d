/**
 * The way out of a remote terminal, as ssh has it: `~` at the start of a line, then `.` leaves, `?` shows what
 * there is, and a second `~` sends one. A `~` anywhere else is only a `~`.
 *
 *   line start ──~──▶ held ──.──▶ leave          any byte ──▶ inside ──CR or LF──▶ line start
 *                      ├──?──▶ help
 *                      ├──~──▶ "~"
 *                      └─other─▶ "~" and that
 */
export type Typed =
  | { readonly kind: "input"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly kind: "leave" }
  | { readonly kind: "help" };

const tilde = 0x7e;
const dot = 0x2e;
const questionMark = 0x3f;

/** What was typed, in order; bytes may come cut anywhere. */
export function makeEscapeReader(): (bytes: Uint8Array) => Typed[] {
  let isLineStart = true;
  let isHeld = false;

  return (bytes) => {
    const typed: Typed[] = [];
    let plain: number[] = [];
    const flush = (): void => {
      if (plain.length > 0) typed.push({ kind: "input", data: Uint8Array.from(plain) });
      plain = [];
    };
    for (const byte of bytes) {
      if (isHeld) {
        isHeld = false;
        if (byte === dot || byte === questionMark) {
          flush();
          typed.push({ kind: byte === dot ? "leave" : "help" });
          isLineStart = true;
          continue;
        }
        plain.push(tilde);
        isLineStart = false;
        if (byte === tilde) continue;
      } else if (isLineStart && byte === tilde) {
        isHeld = true;
        continue;
      }
      plain.push(byte);
      isLineStart = byte === 0x0d || byte === 0x0a;
    }
    flush();
    return typed;
  };
}

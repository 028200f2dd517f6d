import { describe, expect, it } from "vitest";
import {
  applyModifiers,
  encodeBinary,
  captureKeystroke,
  keySequence,
} from "./capture-keystroke.ts";

const none = { ctrl: false, alt: false };
const ctrl = { ctrl: true, alt: false };
const alt = { ctrl: false, alt: true };
const both = { ctrl: true, alt: true };

describe("applyModifiers", () => {
  it("makes control characters of letters in either case and of the punctuation that has one", () => {
    expect(applyModifiers("c", ctrl)).toBe("\x03");
    expect(applyModifiers("C", ctrl)).toBe("\x03");
    expect(applyModifiers("[", ctrl)).toBe("\x1b");
    expect(applyModifiers(" ", ctrl)).toBe("\x00");
    expect(applyModifiers("/", ctrl)).toBe("\x1f");
    expect(applyModifiers("?", ctrl)).toBe("\x7f");
  });

  it("leaves alone what has no control character", () => {
    expect(applyModifiers("é", ctrl)).toBe("é");
    expect(applyModifiers("1", ctrl)).toBe("1");
    expect(applyModifiers("😀x", ctrl)).toBe("😀x");
  });

  it("puts Escape before what Alt holds, and touches only the first character", () => {
    expect(applyModifiers("b", alt)).toBe("\x1bb");
    expect(applyModifiers("cd", both)).toBe("\x1b\x03d");
    expect(applyModifiers("x", none)).toBe("x");
    expect(applyModifiers("", both)).toBe("");
  });
});

describe("keySequence", () => {
  it("follows the cursor key mode, unless a modifier is held", () => {
    expect(keySequence("up", none, false)).toBe("\x1b[A");
    expect(keySequence("up", none, true)).toBe("\x1bOA");
    expect(keySequence("left", ctrl, true)).toBe("\x1b[1;5D");
    expect(keySequence("right", alt, false)).toBe("\x1b[1;3C");
    expect(keySequence("down", both, false)).toBe("\x1b[1;7B");
  });

  it("sends Escape and Tab as themselves", () => {
    expect(keySequence("escape", ctrl, false)).toBe("\x1b");
    expect(keySequence("tab", none, true)).toBe("\t");
    expect(keySequence("tab", alt, true)).toBe("\x1b\t");
  });
});

describe("bytes of keystrokes", () => {
  it("are UTF-8 for text and one byte per character for binary reports", () => {
    expect([...captureKeystroke("ä€")]).toEqual([0xc3, 0xa4, 0xe2, 0x82, 0xac]);
    expect([...encodeBinary("\x1b[M\xe1!")]).toEqual([0x1b, 0x5b, 0x4d, 0xe1, 0x21]);
  });
});

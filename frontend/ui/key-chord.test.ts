import { describe, expect, it } from "vitest";
import { chordForAria, chordText, type KeyPress, matchesChord } from "./key-chord.ts";

function press(
  key: string,
  code: string,
  ...held: ("ctrl" | "meta" | "alt" | "shift")[]
): KeyPress {
  return {
    key,
    code,
    ctrlKey: held.includes("ctrl"),
    metaKey: held.includes("meta"),
    altKey: held.includes("alt"),
    shiftKey: held.includes("shift"),
  };
}

describe("matchesChord", () => {
  it("takes Mod as Control, on a Mac as Command", () => {
    expect(matchesChord("Mod+K", press("k", "KeyK", "ctrl"), false)).toBe(true);
    expect(matchesChord("Mod+K", press("k", "KeyK", "meta"), false)).toBe(false);
    expect(matchesChord("Mod+K", press("k", "KeyK", "meta"), true)).toBe(true);
    expect(matchesChord("Mod+K", press("k", "KeyK", "ctrl"), true)).toBe(false);
  });

  it("goes by the place of the key, whatever Option or the layout makes of it", () => {
    expect(matchesChord("Alt+Shift+T", press("ˇ", "KeyT", "alt", "shift"), true)).toBe(true);
    expect(matchesChord("Alt+Shift+]", press("»", "BracketRight", "alt", "shift"), false)).toBe(
      true,
    );
    expect(matchesChord("Alt+Shift+1", press("!", "Digit1", "alt", "shift"), false)).toBe(true);
  });

  it("wants exactly the modifiers of the chord", () => {
    expect(matchesChord("Mod+K", press("K", "KeyK", "ctrl", "shift"), false)).toBe(false);
    expect(matchesChord("F2", press("F2", "F2", "shift"), false)).toBe(false);
    expect(matchesChord("Alt+Shift+T", press("T", "KeyT", "shift"), false)).toBe(false);
  });

  it("takes a bare character by what it types", () => {
    expect(matchesChord("?", press("?", "Slash", "shift"), false)).toBe(true);
    expect(matchesChord("?", press("?", "Minus", "shift"), false)).toBe(true);
    expect(matchesChord("?", press("/", "Slash"), false)).toBe(false);
  });
});

describe("chords as text", () => {
  it("shows them as the platform does", () => {
    expect(chordText("Mod+Shift+P", false)).toBe("Ctrl+Shift+P");
    expect(chordText("Alt+Shift+ArrowLeft", true)).toBe("⌥⇧←");
    expect(chordForAria("Mod+Shift+P", true)).toBe("Meta+Shift+P");
    expect(chordForAria("Mod+Shift+P", false)).toBe("Control+Shift+P");
  });
});

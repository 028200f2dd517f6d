import { describe, expect, it } from "vitest";
import { fuzzyScore } from "./fuzzy.ts";

function ranked(typed: string, names: string[]): string[] {
  return names
    .flatMap((name) => {
      const score = fuzzyScore(typed, name);
      return score === undefined ? [] : [{ name, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ name }) => name);
}

describe("fuzzyScore", () => {
  it("finds by the starts of words", () => {
    expect(ranked("nt", ["Go to the last tab", "Next tab", "New terminal"])).toContain(
      "New terminal",
    );
    expect(fuzzyScore("nt", "Paste")).toBeUndefined();
  });

  it("prefers a run of letters at a start of a word over scattered ones", () => {
    expect(ranked("tab", ["Tune a big thing", "Rename the tab"])[0]).toBe("Rename the tab");
  });

  it("wants the letters in order, ignores case and blanks", () => {
    expect(fuzzyScore("TAB CLOSE", "Close the tab")).toBeUndefined();
    expect(fuzzyScore("CLOSE tab", "Close the tab")).toBeDefined();
    expect(fuzzyScore("  ", "anything")).toBe(0);
  });

  it("stays quick on what was made to be slow", () => {
    const name = "a".repeat(128);
    expect(fuzzyScore(`${"a".repeat(64)}b`, name)).toBeUndefined();
  });
});

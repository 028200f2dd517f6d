import { describe, expect, it } from "vitest";
import { defaultPreferences, parsePreferences } from "./preferences.ts";

describe("parsePreferences", () => {
  it("takes what it wrote", () => {
    const mine = {
      theme: "light",
      contrast: "high",
      fontFamily: "Iosevka",
      fontSize: 15,
      screenReader: true,
    } as const;
    expect(parsePreferences(JSON.stringify(mine))).toEqual(mine);
  });

  it.each([undefined, "", "null", "[]", "{", "7", '{"theme":3,"fontSize":"big","contrast":{}}'])(
    "falls back where %j says nothing",
    (text) => {
      expect(parsePreferences(text)).toEqual(defaultPreferences);
    },
  );

  it("refuses sizes that nobody can read", () => {
    expect(parsePreferences('{"fontSize":0}').fontSize).toBe(defaultPreferences.fontSize);
    expect(parsePreferences('{"fontSize":1e9}').fontSize).toBe(defaultPreferences.fontSize);
  });
});

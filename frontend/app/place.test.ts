import { describe, expect, it } from "vitest";
import { formatPlace, parsePlace } from "./place.ts";

describe("places", () => {
  it.each([
    ["/", {}],
    ["/w/wsp_1", { workspaceId: "wsp_1" }],
    ["/w/wsp_1/t/tab_2", { workspaceId: "wsp_1", tabId: "tab_2" }],
  ])("%s reads and writes the same", (path, place) => {
    expect(parsePlace(path)).toEqual(place);
    expect(formatPlace(place)).toBe(path);
  });

  it.each(["", "/w", "/w/", "/x/wsp_1", "//evil.example"])(
    "%j is nowhere in particular",
    (path) => {
      expect(parsePlace(path)).toEqual({});
    },
  );

  it("keeps the workspace of an address whose end it does not know", () => {
    expect(parsePlace("/w/wsp_1/files/a")).toEqual({ workspaceId: "wsp_1" });
  });
});

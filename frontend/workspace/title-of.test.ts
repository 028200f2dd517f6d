import { describe, expect, it } from "vitest";
import type { LiveTerminal } from "./live-terminals.ts";
import { titleOf } from "./title-of.ts";

const idle: LiveTerminal = {
  id: "tab_1",
  workspaceId: "wsp_1",
  workerId: "wkr_1",
  title: "",
  titleIsManual: false,
  directory: "/home/ada/code",
  shell: "/usr/bin/zsh",
  running: true,
  exitCode: undefined,
  cols: 80,
  rows: 25,
  foregroundCommand: "",
  bellCount: 0,
  createdAtMs: 0,
};

describe("titleOf", () => {
  it("prefers what the user or the program says", () => {
    expect(titleOf({ ...idle, title: "deploy", foregroundCommand: "vim" })).toBe("deploy");
  });

  it("else says where and what", () => {
    expect(titleOf(idle)).toBe("code — zsh");
    expect(titleOf({ ...idle, foregroundCommand: "vim" })).toBe("code — vim");
  });

  it("leaves out what is not known", () => {
    expect(titleOf({ ...idle, directory: "" })).toBe("zsh");
    expect(titleOf({ ...idle, directory: "/" })).toBe("zsh");
    expect(titleOf({ ...idle, directory: "", shell: "" })).toBe("Terminal");
    expect(titleOf(undefined)).toBe("Terminal");
  });
});

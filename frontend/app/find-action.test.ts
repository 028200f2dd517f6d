import { describe, expect, it } from "vitest";
import type { KeyPress } from "../ui/key-chord.ts";
import { type Action, makeActions } from "./actions.ts";
import type { AppContext } from "./context.ts";
import { findAction } from "./find-action.ts";

// Building the registry touches nothing of the app but what actions close over.
const app = {
  commands: { canReopen: () => true, reopenTab() {} },
  layout: { toggleSidebar() {} },
  preferences: { values: { theme: "system", contrast: "system", screenReader: false } },
} as unknown as AppContext;
const all: readonly Action[] = makeActions(app).all.map((action) => ({
  ...action,
  when: () => true,
}));

const places: Readonly<Record<string, string>> = {
  "[": "BracketLeft",
  "]": "BracketRight",
  ",": "Comma",
  "/": "Slash",
  "=": "Equal",
  "-": "Minus",
};

function pressOf(chord: string, isMac: boolean): KeyPress {
  const parts = chord.split("+");
  const key = parts.pop() ?? "";
  const code = /^[A-Z]$/.test(key) ? `Key${key}` : /^\d$/.test(key) ? `Digit${key}` : places[key];
  return {
    key,
    code: code ?? key,
    ctrlKey: parts.includes("Ctrl") || (parts.includes("Mod") && !isMac),
    metaKey: parts.includes("Mod") && isMac,
    altKey: parts.includes("Alt"),
    shiftKey: parts.includes("Shift"),
  };
}

const ours = all.filter((action) => !action.isHandledElsewhere && action.keys.length > 0);

describe("the registry of actions", () => {
  it("gives no key to two actions", () => {
    const keys = all.flatMap((action) => action.keys);
    expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  });

  it("names every action once", () => {
    const names = all.map((action) => action.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(ours.map((action) => [action.id, action] as const))(
    "%s: the key that is shown acts inside a terminal, on a PC and on a Mac",
    (id, action) => {
      for (const isMac of [false, true]) {
        const place = { inTerminal: true, inField: false, isMac };
        expect(findAction(all, pressOf(action.keys[0] ?? "", isMac), place)?.id).toBe(id);
      }
    },
  );
});

describe("findAction", () => {
  const inTerminal = { inTerminal: true, inField: false, isMac: false };
  const outside = { inTerminal: false, inField: false, isMac: false };
  const inField = { inTerminal: false, inField: true, isMac: false };

  it("leaves to the shell what a shell may be waiting for", () => {
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ,/0123456789"];
    const shells = letters.flatMap((key) => [`Ctrl+${key}`, `Alt+${key}`, key, `Shift+${key}`]);
    for (const chord of [...shells, "F1", "F2", "F6", "F10", "?", "Tab", "Escape", "Delete"]) {
      expect(findAction(all, pressOf(chord, false), inTerminal), chord).toBeUndefined();
    }
  });

  it("keeps its keys from the shell when there is nothing to do for them", () => {
    const none = all.map((action) => ({ ...action, when: () => false }));
    // Bash takes Escape and # for: make this line a comment, and run it.
    expect(findAction(none, pressOf("Alt+Shift+3", false), inTerminal)?.id).toBe("tab.go-3");
    expect(findAction(none, pressOf("Alt+Shift+Z", false), inTerminal)?.id).toBe("tab.reopen");
  });

  it("outside of a terminal takes the short keys too", () => {
    expect(findAction(all, pressOf("Mod+K", false), outside)?.id).toBe("app.palette");
    expect(findAction(all, pressOf("?", false), outside)?.id).toBe("app.shortcuts");
    expect(findAction(all, pressOf("F2", false), outside)?.id).toBe("tab.rename");
  });

  it("does not act on what is typed into a field", () => {
    expect(findAction(all, pressOf("?", false), inField)).toBeUndefined();
    expect(findAction(all, pressOf("Mod+K", false), inField)?.id).toBe("app.palette");
  });

  it("never takes a key that the terminal itself acts on", () => {
    expect(findAction(all, pressOf("Mod+Shift+C", false), inTerminal)).toBeUndefined();
    expect(findAction(all, pressOf("Mod+Shift+V", false), inTerminal)).toBeUndefined();
  });
});

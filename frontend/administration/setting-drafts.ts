import { type Setting, SettingSource } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { createSignal } from "solid-js";

/** What was typed and is not saved; it outlives the section, and knows what it was typed over. */
export interface SettingDrafts {
  find(name: string): string | undefined;
  names(): readonly string[];
  edit(setting: Setting, text: string): void;
  drop(names: readonly string[]): void;
  /**
   * Those that somebody else changed since they were typed over. From now on they stand over what is there
   * now: whoever saves again has seen it.
   */
  takeConflicts(fresh: readonly Setting[]): Setting[];
}

interface Draft {
  readonly text: string;
  readonly over: string;
}

export function createSettingDrafts(): SettingDrafts {
  const [drafts, setDrafts] = createSignal<ReadonlyMap<string, Draft>>(new Map());

  return {
    find: (name) => drafts().get(name)?.text,
    names: () => [...drafts().keys()],
    edit(setting, text) {
      const next = new Map(drafts());
      // A secret is never shown: what is typed is always another one.
      const isSame = setting.secret ? text === "" : text === setting.value;
      if (isSame) next.delete(setting.name);
      else {
        const over = drafts().get(setting.name)?.over ?? stateOf(setting);
        next.set(setting.name, { text, over });
      }
      setDrafts(next);
    },
    drop(names) {
      setDrafts(new Map([...drafts()].filter(([name]) => !names.includes(name))));
    },
    takeConflicts(fresh) {
      const next = new Map(drafts());
      const conflicts = fresh.filter((setting) => {
        const draft = next.get(setting.name);
        if (draft === undefined || draft.over === stateOf(setting)) return false;
        next.set(setting.name, { ...draft, over: stateOf(setting) });
        return true;
      });
      if (conflicts.length > 0) setDrafts(next);
      return conflicts;
    },
  };
}

function stateOf({ source, value, changedAtMs }: Setting): string {
  return JSON.stringify([source, value, String(changedAtMs)]);
}

/** What brings back how things were; undefined where a secret is among them, which nobody can read. */
export function undoOf(
  before: readonly Setting[],
): { set: { name: string; value: string }[]; reset: string[] } | undefined {
  if (before.some((setting) => setting.secret)) return undefined;
  const isStored = ({ source }: Setting) => source === SettingSource.DATABASE;
  return {
    set: before.filter(isStored).map(({ name, value }) => ({ name, value })),
    reset: before.filter((setting) => !isStored(setting)).map(({ name }) => name),
  };
}

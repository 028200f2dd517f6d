import { For, Show } from "solid-js";
import { KeyCap } from "../ui/key-cap.tsx";
import { Sheet } from "../ui/sheet.tsx";
import type { Action } from "./actions.ts";
import { useApp } from "./use-app.ts";
import "./shortcuts-sheet.css";

/** Every action that has a key, from the same registry that the keys come from. */
export function ShortcutsSheet() {
  const app = useApp();
  const groups = () => {
    const byGroup = new Map<string, Action[]>();
    for (const action of app.actions.all) {
      // Nine lines of the same kind are one.
      if (action.keys.length === 0 || /^tab\.go-[2-8]$/.test(action.id)) continue;
      byGroup.set(action.group, [...(byGroup.get(action.group) ?? []), action]);
    }
    return [...byGroup];
  };
  const nameOf = (action: Action) =>
    action.id === "tab.go-1" ? "Go to tab 1 (2, 3, … likewise)" : action.name.replace("…", "");

  return (
    <Sheet open title="Keyboard shortcuts" onClose={app.dialogs.close}>
      <p class="shortcuts-note">
        Keys with two modifiers work in a terminal too; there the others belong to the shell.
      </p>
      <For each={groups()}>
        {([group, actions]) => (
          <section class="shortcuts-group" aria-label={group}>
            <h3>{group}</h3>
            <dl>
              <For each={actions}>
                {(action) => (
                  <div class="shortcuts-row">
                    <dt>{nameOf(action)}</dt>
                    <dd>
                      <For each={action.keys}>
                        {(chord, index) => (
                          <>
                            <Show when={index() > 0}>
                              <span class="shortcuts-or">or</span>
                            </Show>
                            <KeyCap chord={chord} />
                          </>
                        )}
                      </For>
                    </dd>
                  </div>
                )}
              </For>
            </dl>
          </section>
        )}
      </For>
    </Sheet>
  );
}

import Search from "lucide-solid/icons/search";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { KeyCap } from "../ui/key-cap.tsx";
import { titleOf } from "../workspace/title-of.ts";
import { fuzzyScore } from "./fuzzy.ts";
import { type App, useApp } from "./use-app.ts";
import "./palette.css";

interface Choice {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly hint?: string;
  readonly keys?: string | undefined;
  run(): void;
}

const mostShown = 60;

/** All that can be done and all places that can be gone to, found by a few letters. */
export function Palette() {
  const app = useApp();
  const [typed, setTyped] = createSignal("");
  const [active, setActive] = createSignal(0);
  const [open, setOpen] = createSignal(true);
  let input: HTMLInputElement | undefined;
  let chosen: (() => void) | undefined;

  const all = choicesOf(app);
  const found = createMemo(() => {
    const text = typed();
    const scored = all.flatMap((choice) => {
      const score = fuzzyScore(text, `${choice.name} ${choice.hint ?? ""}`);
      return score === undefined ? [] : [{ choice, score }];
    });
    // Sorting is stable: with nothing typed the order is that of the registry.
    scored.sort((a, b) => b.score - a.score);
    return (text.trim() === "" ? all : scored.map(({ choice }) => choice)).slice(0, mostShown);
  });
  const current = () => found()[Math.min(active(), found().length - 1)];

  function choose(choice: Choice | undefined): void {
    if (!choice) return;
    chosen = choice.run;
    setOpen(false);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const { length } = found();
    if (event.isComposing || length === 0) return;
    if (event.key === "ArrowDown") moveTo((active() + 1) % length);
    else if (event.key === "ArrowUp") moveTo((active() - 1 + length) % length);
    else if (event.key === "PageDown") moveTo(Math.min(active() + 8, length - 1));
    else if (event.key === "PageUp") moveTo(Math.max(active() - 8, 0));
    else if (event.key === "Enter") choose(current());
    else return;
    event.preventDefault();
  }
  function moveTo(index: number): void {
    setActive(index);
    document.getElementById(`palette-${current()?.id}`)?.scrollIntoView({ block: "nearest" });
  }

  return (
    <Dialog
      open={open()}
      bare
      size="medium"
      title="Find a command"
      onClose={() => setOpen(false)}
      // The focus is back where it was: what was chosen may take it from there.
      onClosed={() => {
        if (app.dialogs.current()?.kind === "palette") app.dialogs.close();
        chosen?.();
      }}
      initialFocus={() => input}
    >
      <div class="palette-head">
        <Icon of={Search} />
        <input
          ref={input}
          class="palette-input"
          type="text"
          role="combobox"
          aria-label="Find a command"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant={current() ? `palette-${current()?.id}` : undefined}
          placeholder="Find a command, a workspace or a tab"
          spellcheck={false}
          autocomplete="off"
          value={typed()}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id="palette-list" class="palette-list" role="listbox" aria-label="Commands">
        <For each={found()}>
          {(choice, index) => (
            <li
              id={`palette-${choice.id}`}
              class="palette-row"
              role="option"
              aria-selected={choice === current()}
              onPointerMove={() => setActive(index())}
              onClick={() => choose(choice)}
            >
              <span class="palette-name truncate">
                <bdi>{choice.name}</bdi>
                <Show when={choice.hint}>
                  <span class="palette-hint"> {choice.hint}</span>
                </Show>
              </span>
              <Show when={choice.keys} fallback={<span class="palette-group">{choice.group}</span>}>
                {(keys) => <KeyCap chord={keys()} />}
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length === 0}>
        <p class="palette-none" role="status">
          Nothing is called like that. Try fewer letters.
        </p>
      </Show>
    </Dialog>
  );
}

function choicesOf(app: App): Choice[] {
  const { workspaceId, tabId } = app.place();
  const actions = app.actions.all
    .filter((action) => action.id !== "app.palette" && action.when())
    .filter((action) => !action.id.startsWith("tab.go-"))
    .map((action): Choice => ({
      id: action.id.replaceAll(".", "-"),
      group: action.group,
      name: action.name,
      keys: action.keys[0],
      run: action.run,
    }));
  const tabs = app.workspaces.all.flatMap((workspace) =>
    (app.tabs.of(workspace.id) ?? [])
      .filter((tab) => tab.id !== tabId)
      .map((tab): Choice => ({
        id: tab.id,
        group: "Tab",
        name: titleOf(app.live.get(tab.id)),
        hint: workspace.title,
        run: () => app.go({ workspaceId: workspace.id, tabId: tab.id }),
      })),
  );
  const workspaces = app.workspaces.all
    .filter((workspace) => workspace.id !== workspaceId)
    .map((workspace): Choice => ({
      id: workspace.id,
      group: "Workspace",
      name: workspace.title,
      run: () => app.go({ workspaceId: workspace.id }),
    }));
  return [...actions, ...workspaces, ...tabs];
}

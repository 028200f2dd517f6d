import { type ISearchOptions, SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";
import ChevronDown from "lucide-solid/icons/chevron-down";
import ChevronUp from "lucide-solid/icons/chevron-up";
import X from "lucide-solid/icons/x";
import { createSignal, onCleanup, onMount } from "solid-js";
import { IconButton } from "../ui/button.tsx";
import { readSearchColors } from "./terminal-theme.ts";

/** The search bar of a terminal: Enter finds upwards, as the newest lines are at the foot. */
export function TerminalSearch(props: {
  term: Terminal;
  element: HTMLElement;
  onClose: () => void;
}) {
  const addon = new SearchAddon();
  const [found, setFound] = createSignal("");
  let input!: HTMLInputElement;

  props.term.loadAddon(addon);
  addon.onDidChangeResults(({ resultIndex, resultCount }) => {
    if (input.value === "") setFound("");
    else if (resultCount === 0) setFound("No match");
    else setFound(`${resultIndex + 1} of ${resultCount}`);
  });
  onMount(() => input.focus());
  onCleanup(() => addon.dispose());

  function options(incremental: boolean): ISearchOptions {
    const { match, active } = readSearchColors(props.element);
    const decorations = {
      matchBorder: match,
      matchOverviewRuler: match,
      activeMatchBackground: active,
      activeMatchColorOverviewRuler: active,
    };
    return { incremental, decorations };
  }
  function find(upwards: boolean, incremental = false): void {
    if (input.value === "") {
      addon.clearDecorations();
      return void setFound("");
    }
    if (upwards) addon.findPrevious(input.value, options(incremental));
    else addon.findNext(input.value, options(incremental));
  }
  function press(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") props.onClose();
    else if (event.key === "Enter") find(!event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div class="terminal-search" role="search" aria-label="Find in terminal" onKeyDown={press}>
      <input
        ref={input}
        class="terminal-search-input"
        type="text"
        placeholder="Find"
        aria-label="Find"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={() => find(true, true)}
      />
      <span class="terminal-search-found" role="status">
        {found()}
      </span>
      <IconButton label="Previous match" keys="Enter" icon={ChevronUp} onClick={() => find(true)} />
      <IconButton
        label="Next match"
        keys="Shift+Enter"
        icon={ChevronDown}
        onClick={() => find(false)}
      />
      <IconButton label="Close search" keys="Escape" icon={X} onClick={() => props.onClose()} />
    </div>
  );
}

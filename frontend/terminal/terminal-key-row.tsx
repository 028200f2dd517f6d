import ArrowDown from "lucide-solid/icons/arrow-down";
import ArrowLeft from "lucide-solid/icons/arrow-left";
import ArrowRight from "lucide-solid/icons/arrow-right";
import ArrowUp from "lucide-solid/icons/arrow-up";
import { For } from "solid-js";
import { Icon, type IconComponent } from "../ui/icon.tsx";
import type { TerminalApi, TerminalKey } from "./terminal-api.ts";
import "./terminal-key-row.css";

const named: readonly { key: TerminalKey; label: string; icon?: IconComponent }[] = [
  { key: "left", label: "Left arrow", icon: ArrowLeft },
  { key: "down", label: "Down arrow", icon: ArrowDown },
  { key: "up", label: "Up arrow", icon: ArrowUp },
  { key: "right", label: "Right arrow", icon: ArrowRight },
];
const characters = ["|", "/", "-", "~"];

/** The keys that a phone's keyboard lacks. Ctrl and Alt stay down for the next key. */
export function TerminalKeyRow(props: { api: TerminalApi }) {
  // The keyboard of the phone stays open only while the terminal keeps the focus.
  const keepFocus = (event: PointerEvent) => event.preventDefault();
  const send = (key: TerminalKey) => props.api.sendKey(key);
  return (
    <div class="key-row" role="toolbar" aria-label="Terminal keys" onPointerDown={keepFocus}>
      <button type="button" class="key-row-key" tabindex={-1} onClick={() => send("escape")}>
        Esc
      </button>
      <button type="button" class="key-row-key" tabindex={-1} onClick={() => send("tab")}>
        Tab
      </button>
      <button
        type="button"
        class="key-row-key"
        tabindex={-1}
        aria-pressed={props.api.sticky.ctrl()}
        onClick={() => props.api.sticky.toggleCtrl()}
      >
        Ctrl
      </button>
      <button
        type="button"
        class="key-row-key"
        tabindex={-1}
        aria-pressed={props.api.sticky.alt()}
        onClick={() => props.api.sticky.toggleAlt()}
      >
        Alt
      </button>
      <For each={named}>
        {({ key, label, icon }) => (
          <button
            type="button"
            class="key-row-key"
            tabindex={-1}
            aria-label={label}
            onClick={() => send(key)}
          >
            {icon ? <Icon of={icon} /> : label}
          </button>
        )}
      </For>
      <For each={characters}>
        {(character) => (
          <button
            type="button"
            class="key-row-key"
            tabindex={-1}
            onClick={() => props.api.sendCharacter(character)}
          >
            {character}
          </button>
        )}
      </For>
    </div>
  );
}

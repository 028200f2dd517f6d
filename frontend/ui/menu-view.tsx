import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import Check from "lucide-solid/icons/check";
import { For, Match, onCleanup, Show, Switch } from "solid-js";
import { Icon } from "./icon.tsx";
import { keepFocus } from "./keep-focus.ts";
import { KeyCap } from "./key-cap.tsx";
import type { MenuEntry, MenuRequest } from "./menu.tsx";
import "./menu.css";

export function MenuView(props: { request: MenuRequest; close(): void }) {
  const anchor = props.request.anchor;
  const returnFocus = keepFocus();
  let chosen: (() => void) | undefined;
  const hasIcons = props.request.entries.some(
    (entry) => entry.kind === "item" && (entry.icon !== undefined || entry.checked !== undefined),
  );

  const rect = () =>
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { x: anchor.x, y: anchor.y, width: 0, height: 0 };
  if (anchor instanceof Element) {
    anchor.setAttribute("aria-expanded", "true");
    onCleanup(() => anchor.setAttribute("aria-expanded", "false"));
  }

  return (
    <DropdownMenu
      open
      modal={false}
      placement="bottom-start"
      gutter={4}
      getAnchorRect={rect}
      onOpenChange={(open) => !open && props.close()}
    >
      <DropdownMenu.Content
        class="menu"
        data-icons={hasIcons ? "" : undefined}
        aria-label={props.request.label}
        // Kobalte would name the menu after a trigger that does not exist.
        aria-labelledby={undefined}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          returnFocus();
          // After the focus is back, so that what it opens may take it.
          chosen?.();
        }}
      >
        <For each={props.request.entries}>
          {(entry) => <Entry entry={entry} choose={(run) => (chosen = run)} />}
        </For>
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

function Entry(props: { entry: MenuEntry; choose(run: () => void): void }) {
  return (
    <Switch>
      <Match when={props.entry.kind === "separator"}>
        <DropdownMenu.Separator class="menu-separator" />
      </Match>
      <Match when={props.entry.kind === "note" && props.entry}>
        {(note) => <p class="menu-note">{note().text}</p>}
      </Match>
      <Match when={props.entry.kind === "item" && props.entry}>
        {(item) => (
          <DropdownMenu.Item
            class="menu-item"
            data-danger={item().danger ? "" : undefined}
            disabled={item().disabled ?? false}
            textValue={item().label}
            onSelect={() => props.choose(item().select)}
          >
            <span class="menu-icon">
              <Show
                when={item().checked}
                fallback={<Show when={item().icon}>{(icon) => <Icon of={icon()} />}</Show>}
              >
                <Icon of={Check} />
              </Show>
            </span>
            <span class="menu-label truncate">{item().label}</span>
            <Show when={item().hint}>
              <span class="menu-hint truncate">{item().hint}</span>
            </Show>
            <Show when={item().keys}>{(keys) => <KeyCap chord={keys()} />}</Show>
          </DropdownMenu.Item>
        )}
      </Match>
    </Switch>
  );
}

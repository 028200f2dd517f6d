import { For, type JSX } from "solid-js";

export interface TabAttributes {
  readonly role: "tab";
  readonly id: string;
  readonly "aria-selected": boolean;
  readonly "aria-controls": string;
  readonly tabindex: 0 | -1;
}

interface TabsProps<Item> {
  /** Names the list. */
  label: string;
  items: readonly Item[];
  idOf(item: Item): string;
  selected: string | undefined;
  select(id: string, by: "keys" | "pointer"): void;
  /** Keys beyond arrows, Home and End. */
  onTabKey?(event: KeyboardEvent, id: string): void;
  /** Draws one tab; `attributes()` go on its button. */
  children(item: Item, attributes: () => TabAttributes): JSX.Element;
  class?: string;
}

/** The id of the element of a tab, and of the panel that it shows. */
export const tabElementId = (id: string) => `tab-${id}`;
export const panelElementId = (id: string) => `panel-${id}`;

/** A row of tabs with one stop for the Tab key; arrows move and show at once. */
export function Tabs<Item>(props: TabsProps<Item>) {
  function onKeyDown(event: KeyboardEvent): void {
    if (!(event.target instanceof Element) || event.target.getAttribute("role") !== "tab") return;
    const ids = props.items.map((item) => props.idOf(item));
    const index = ids.findIndex((id) => tabElementId(id) === (event.target as Element).id);
    if (index < 0) return;
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const next = plain ? nextIndex(event.key, index, ids.length) : undefined;
    if (next === undefined) return props.onTabKey?.(event, ids[index]!);
    event.preventDefault();
    props.select(ids[next]!, "keys");
    document.getElementById(tabElementId(ids[next]!))?.focus();
  }

  return (
    <div class={props.class ?? ""} onKeyDown={onKeyDown}>
      <For each={props.items}>
        {(item, index) => {
          const id = props.idOf(item);
          return props.children(item, () => ({
            role: "tab",
            id: tabElementId(id),
            "aria-selected": id === props.selected,
            "aria-controls": panelElementId(id),
            tabindex:
              id === props.selected || (props.selected === undefined && index() === 0) ? 0 : -1,
          }));
        }}
      </For>
      {/* Owns the tabs only: beside them a name may stand as a field, which no list of tabs may contain. */}
      <span
        role="tablist"
        aria-label={props.label}
        aria-orientation="horizontal"
        aria-owns={props.items.map((item) => tabElementId(props.idOf(item))).join(" ")}
      />
    </div>
  );
}

function nextIndex(key: string, index: number, count: number): number | undefined {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index - 1 + count) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}

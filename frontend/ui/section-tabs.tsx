import { type JSX, Show } from "solid-js";
import { keepFocusWithin } from "./keep-focus-within.ts";
import { panelElementId, tabElementId, Tabs } from "./tabs.tsx";
import "./section-tabs.css";

interface Section {
  readonly id: string;
  readonly label: string;
}

/** The parts of a dialog that has too many for one page, by name. */
export function SectionTabs(props: {
  label: string;
  sections: readonly Section[];
  selected: string;
  select(id: string): void;
}) {
  return (
    <Tabs
      class="section-tabs"
      label={props.label}
      items={props.sections}
      idOf={(section) => section.id}
      selected={props.selected}
      select={(id) => props.select(id)}
    >
      {(section, attributes) => (
        <button
          type="button"
          class="section-tab"
          {...attributes()}
          onClick={() => props.select(section.id)}
        >
          {section.label}
        </button>
      )}
    </Tabs>
  );
}

/** What belongs to a tab; made when it is first shown, gone when another one is. */
export function SectionPanel(props: { id: string; selected: string; children: JSX.Element }) {
  return (
    <Show when={props.id === props.selected}>
      <div
        ref={keepFocusWithin}
        class="section-panel"
        role="tabpanel"
        tabindex="-1"
        id={panelElementId(props.id)}
        aria-labelledby={tabElementId(props.id)}
      >
        {props.children}
      </div>
    </Show>
  );
}

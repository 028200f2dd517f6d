import { type JSX, onMount, Show } from "solid-js";
import { Icon, type IconComponent } from "./icon.tsx";
import "./empty-state.css";

interface EmptyStateProps {
  icon?: IconComponent;
  /** What is. */
  title: string;
  /** Why, where that is not plain. */
  text?: JSX.Element;
  /** What to do: one button, at most a second quiet one. */
  children?: JSX.Element;
}

export function EmptyState(props: EmptyStateProps) {
  let element: HTMLDivElement | undefined;

  // What had the focus is gone: the one thing to do now has it.
  onMount(() => {
    if (document.activeElement !== document.body || !element?.checkVisibility()) return;
    element.querySelector("button")?.focus();
  });

  return (
    <div class="empty-state" ref={element}>
      <Show when={props.icon}>
        {(icon) => <Icon of={icon()} size={20} class="empty-state-icon" />}
      </Show>
      <h2 class="empty-state-title">{props.title}</h2>
      <Show when={props.text}>
        <div class="empty-state-text">{props.text}</div>
      </Show>
      <Show when={props.children}>
        <div class="empty-state-actions">{props.children}</div>
      </Show>
    </div>
  );
}

import { Show, type JSX, splitProps } from "solid-js";
import { Icon, type IconComponent } from "./icon.tsx";
import { chordForAria, isMac } from "./key-chord.ts";
import { KeyCap } from "./key-cap.tsx";
import "./button.css";

interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconComponent;
  /** Shown as caps inside, for the one button of an empty state. */
  keys?: string | undefined;
  /** Working: keeps its size and its focus, does nothing. */
  busy?: boolean;
}

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, ["variant", "icon", "keys", "busy", "class", "children"]);
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${own.variant ?? "plain"} ${own.class ?? ""}`}
      aria-disabled={own.busy ? "true" : undefined}
      aria-keyshortcuts={own.keys ? chordForAria(own.keys, isMac) : undefined}
      onClick={(event) => {
        if (own.busy) return event.preventDefault();
        if (typeof rest.onClick === "function") rest.onClick(event);
      }}
    >
      <Show when={own.icon}>{(icon) => <Icon of={icon()} />}</Show>
      {own.children}
      <Show when={own.keys}>{(keys) => <KeyCap chord={keys()} />}</Show>
    </button>
  );
}

interface IconButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  /** Name for tooltip and screen reader. */
  label: string;
  icon: IconComponent;
  keys?: string | undefined;
  pressed?: boolean;
}

export function IconButton(props: IconButtonProps) {
  const [own, rest] = splitProps(props, ["label", "icon", "keys", "pressed", "class"]);
  return (
    <button
      type="button"
      {...rest}
      class={`icon-button ${own.class ?? ""}`}
      aria-label={own.label}
      aria-pressed={own.pressed}
      aria-keyshortcuts={own.keys ? chordForAria(own.keys, isMac) : undefined}
      data-tooltip={own.label}
      data-tooltip-keys={own.keys}
    >
      <Icon of={own.icon} />
    </button>
  );
}

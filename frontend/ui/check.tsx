import { createUniqueId, Show } from "solid-js";
import "./check.css";

interface CheckProps {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}

/** A choice that takes effect with the form around it. */
export function Check(props: CheckProps) {
  return <Tickable {...props} look="check" />;
}

/** A choice that takes effect at once. */
export function Switch(props: CheckProps) {
  return <Tickable {...props} look="switch" />;
}

function Tickable(props: CheckProps & { look: "check" | "switch" }) {
  const id = createUniqueId();
  return (
    <div class={`tickable tickable-${props.look}`}>
      <input
        id={id}
        type="checkbox"
        role={props.look === "switch" ? "switch" : undefined}
        class={props.look}
        checked={props.checked}
        disabled={props.disabled}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <label for={id}>{props.label}</label>
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="field-hint">
          {props.hint}
        </p>
      </Show>
    </div>
  );
}

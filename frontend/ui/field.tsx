import { createUniqueId, type JSX, Show, splitProps } from "solid-js";
import "./field.css";

interface FieldProps extends JSX.InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  /** What is wrong and what would be right. */
  error?: string | undefined;
  /** A button at the end, inside the frame. */
  end?: JSX.Element;
}

/** A labelled line of text. */
export function Field(props: FieldProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "error", "end", "class"]);
  const id = createUniqueId();
  return (
    <div class={`field ${own.class ?? ""}`}>
      <label class="field-label" for={id}>
        {own.label}
      </label>
      <div class="field-frame" data-end={own.end ? "" : undefined}>
        <input
          {...rest}
          id={id}
          class="field-input"
          aria-invalid={own.error ? "true" : undefined}
          aria-describedby={own.error || own.hint ? `${id}-hint` : undefined}
        />
        {own.end}
      </div>
      <FieldHint id={`${id}-hint`} hint={own.hint} error={own.error} />
    </div>
  );
}

interface SelectProps extends JSX.SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  hint?: string;
  options: readonly { value: string; label: string }[];
}

/** The platform's own list: right on every phone and for every screen reader. */
export function Select(props: SelectProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "options", "value", "class"]);
  const id = createUniqueId();
  return (
    <div class={`field ${own.class ?? ""}`}>
      <label class="field-label" for={id}>
        {own.label}
      </label>
      <select
        {...rest}
        id={id}
        class="field-input field-select"
        aria-describedby={own.hint ? `${id}-hint` : undefined}
      >
        {own.options.map((option) => (
          <option value={option.value} selected={option.value === own.value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldHint id={`${id}-hint`} hint={own.hint} error={undefined} />
    </div>
  );
}

function FieldHint(props: { id: string; hint: string | undefined; error: string | undefined }) {
  return (
    <Show when={props.error || props.hint}>
      <p id={props.id} class={props.error ? "field-error" : "field-hint"}>
        {props.error || props.hint}
      </p>
    </Show>
  );
}

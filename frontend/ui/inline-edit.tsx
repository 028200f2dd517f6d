import { onCleanup, onMount } from "solid-js";
import "./inline-edit.css";

interface InlineEditProps {
  label: string;
  value: string;
  maxLength: number;
  /** Shown while empty: what an empty name means. */
  placeholder?: string;
  /** Enter, or the focus moves on. */
  save(value: string): void;
  /** Escape, or nothing changed. */
  cancel(): void;
}

/** A name in its place as a field: selected, Enter keeps it, Escape does not. */
export function InlineEdit(props: InlineEditProps) {
  let input: HTMLInputElement | undefined;
  let over = false;

  onMount(() => {
    input?.focus();
    input?.select();
  });

  // What it names is gone.
  onCleanup(() => finish(false));

  function finish(keep: boolean): void {
    if (over || !input) return;
    over = true;
    const value = input.value.trim();
    if (keep && value !== props.value) props.save(value);
    else props.cancel();
  }

  return (
    <input
      ref={input}
      class="inline-edit"
      aria-label={props.label}
      value={props.value}
      maxLength={props.maxLength}
      placeholder={props.placeholder ?? ""}
      spellcheck={false}
      autocomplete="off"
      onBlur={() => finish(true)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.isComposing) return;
        if (event.key !== "Enter" && event.key !== "Escape") return;
        // Or its keypress would go to whatever takes the focus now: an Enter to the shell.
        event.preventDefault();
        finish(event.key === "Enter");
      }}
    />
  );
}

import Check from "lucide-solid/icons/check";
import Copy from "lucide-solid/icons/copy";
import { createSignal, createUniqueId, onCleanup, Show } from "solid-js";
import { Button } from "./button.tsx";
import "./field.css";
import "./copy-field.css";

/** How long the button says that it did it, ms. */
const doneMs = 2000;

/** A button that puts something on the clipboard and says so. */
export function CopyButton(props: { text: string; label?: string; variant?: "plain" | "primary" }) {
  const [done, setDone] = createSignal<"copied" | "refused">();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function copy(): Promise<void> {
    clearTimeout(timer);
    try {
      await navigator.clipboard.writeText(props.text);
      setDone("copied");
    } catch {
      setDone("refused");
    }
    timer = setTimeout(() => setDone(undefined), doneMs);
  }
  const label = () => {
    if (done() === "copied") return "Copied";
    return done() === "refused" ? "Select it by hand" : (props.label ?? "Copy");
  };

  return (
    <Button
      class="copy-button"
      variant={props.variant ?? "plain"}
      icon={done() === "copied" ? Check : Copy}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{label()}</span>
    </Button>
  );
}

/** A value that is there to be taken along: shown whole, selected as a whole, copied with one press. */
export function CopyField(props: { label: string; value: string; hint?: string }) {
  const id = createUniqueId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      <div class="copy-field">
        <input
          id={id}
          class="field-input copy-field-value"
          readonly
          value={props.value}
          spellcheck={false}
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton text={props.value} />
      </div>
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="field-hint">
          {props.hint}
        </p>
      </Show>
    </div>
  );
}

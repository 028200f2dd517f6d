import { Field } from "../ui/field.tsx";

const digits = 6;

/** Six digits of an authenticator app; the last one sends them. */
export function CodeField(props: {
  label: string;
  value: string;
  hint?: string;
  onInput(value: string): void;
  onComplete(value: string): void;
}) {
  return (
    <Field
      class="code-field"
      label={props.label}
      name="one-time-code"
      inputmode="numeric"
      autocomplete="one-time-code"
      spellcheck={false}
      required
      pattern="[0-9]{6}"
      maxLength={digits + 1}
      placeholder="000000"
      value={props.value}
      hint={props.hint}
      onInput={(event) => {
        const typed = event.currentTarget.value.replaceAll(/\D/g, "").slice(0, digits);
        event.currentTarget.value = typed;
        const isNew = typed !== props.value;
        props.onInput(typed);
        if (isNew && typed.length === digits) props.onComplete(typed);
      }}
    />
  );
}

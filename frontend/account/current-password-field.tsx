import { Show } from "solid-js";
import { PasswordField } from "../ui/password-field.tsx";
import { mostPasswordLength } from "./estimate-password.ts";

/** The password that the account has; nothing where it has none. */
export function CurrentPasswordField(props: {
  hasPassword: boolean;
  label?: string;
  /** For what fills forms in by itself. */
  name?: string;
  /** It is what the form asks first. */
  takesFocus?: boolean;
  value: string;
  onInput(password: string): void;
}) {
  return (
    <Show when={props.hasPassword}>
      <PasswordField
        ref={(element) => {
          if (props.takesFocus) queueMicrotask(() => element.focus());
        }}
        label={props.label ?? "Your password"}
        name={props.name}
        autocomplete="current-password"
        required
        maxLength={mostPasswordLength}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </Show>
  );
}

import { Show } from "solid-js";
import { PasswordField } from "../ui/password-field.tsx";
import { estimatePassword, leastPasswordLength, mostPasswordLength } from "./estimate-password.ts";
import "./new-password-field.css";

interface NewPasswordFieldProps {
  label: string;
  value: string;
  onInput(value: string): void;
  /** What others know of the person: worth nothing in a password. */
  names: readonly string[];
  error?: string | undefined;
  disabled?: boolean;
}

/** A password to be chosen, with advice while it is typed. */
export function NewPasswordField(props: NewPasswordFieldProps) {
  const estimate = () => estimatePassword(props.value, props.names);
  return (
    <div class="new-password">
      <PasswordField
        label={props.label}
        name="new-password"
        autocomplete="new-password"
        required
        minLength={leastPasswordLength}
        maxLength={mostPasswordLength}
        value={props.value}
        disabled={props.disabled}
        hint={estimate() ? undefined : `At least ${leastPasswordLength} characters.`}
        error={props.error}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <Show when={!props.error && estimate()}>
        {(now) => (
          <div class="password-strength" data-score={now().score}>
            <span class="password-strength-bars" aria-hidden="true">
              <span />
              <span />
              <span />
              <span />
            </span>
            <p class="field-hint" aria-live="polite">
              {now().text}
            </p>
          </div>
        )}
      </Show>
    </div>
  );
}

import Eye from "lucide-solid/icons/eye";
import EyeOff from "lucide-solid/icons/eye-off";
import { createSignal, type JSX, splitProps } from "solid-js";
import { IconButton } from "./button.tsx";
import { Field } from "./field.tsx";

interface PasswordFieldProps extends JSX.InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  /** `current-password` or `new-password`: what password managers go by. */
  autocomplete: "current-password" | "new-password";
}

/** A password that can be looked at instead of being typed twice, and says when Caps Lock is on. */
export function PasswordField(props: PasswordFieldProps) {
  const [own, rest] = splitProps(props, ["hint", "error"]);
  const [shown, setShown] = createSignal(false);
  const [capsLock, setCapsLock] = createSignal(false);
  const look = (event: KeyboardEvent | MouseEvent) =>
    setCapsLock(event.getModifierState("CapsLock"));

  return (
    <Field
      {...rest}
      type={shown() ? "text" : "password"}
      spellcheck={false}
      autocapitalize="none"
      hint={capsLock() ? "Caps Lock is on." : own.hint}
      error={own.error}
      onKeyDown={look}
      onKeyUp={look}
      onMouseDown={look}
      onBlur={() => setCapsLock(false)}
      end={
        <IconButton
          label={shown() ? "Hide the password" : "Show the password"}
          icon={shown() ? EyeOff : Eye}
          pressed={shown()}
          onClick={() => setShown(!shown())}
        />
      }
    />
  );
}

import { Field } from "../ui/field.tsx";
import { checkUsername, mostUsernameLength } from "./check-username.ts";

/** How a new account is called: the user name, and the name that others see. */
export function AccountNames(props: {
  /** The field of the user name, to lead back to where it is refused. */
  ref(field: HTMLInputElement): void;
  username: string;
  onUsername(username: string): void;
  hint: string;
  /** Somebody tried to go on, so that what is wrong is said. */
  isTried: boolean;
  displayName: string;
  onDisplayName(name: string): void;
}) {
  return (
    <>
      <Field
        ref={(field) => props.ref(field)}
        label="User name"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        autocorrect="off"
        spellcheck={false}
        required
        maxLength={mostUsernameLength}
        value={props.username}
        hint={props.hint}
        error={props.isTried ? checkUsername(props.username) : undefined}
        onInput={(event) => {
          const small = event.currentTarget.value.toLowerCase();
          if (small !== event.currentTarget.value) event.currentTarget.value = small;
          props.onUsername(small);
        }}
      />
      <Field
        label="Your name"
        name="name"
        autocomplete="name"
        maxLength={128}
        placeholder={props.username}
        hint="As others see it. May be left empty."
        value={props.displayName}
        onInput={(event) => props.onDisplayName(event.currentTarget.value)}
      />
    </>
  );
}

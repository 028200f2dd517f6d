import { createSignal, untrack } from "solid-js";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { checkUsername, mostUsernameLength } from "./check-username.ts";
import { createSubmission } from "./create-submission.ts";
import { NewPasswordField } from "./new-password-field.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";
import "./gate-page.css";

export interface NewAccount {
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
}

/** User name, name, password: of set-up, invitation and sign-up alike. */
export function NewAccountForm(props: {
  action: string;
  submit(account: NewAccount): Promise<unknown>;
  /** What a refusal means here; it does not change. */
  sentences?: ReadonlyMap<string, string>;
}) {
  const submission = createSubmission(untrack(() => props.sentences));
  const [username, setUsername] = createSignal("");
  const [displayName, setDisplayName] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  let usernameField: HTMLInputElement | undefined;

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (checkUsername(username()) !== undefined) return usernameField?.focus();
    void submission.run(() =>
      props.submit({
        username: username(),
        displayName: displayName().trim(),
        password: password(),
      }),
    );
  }

  return (
    <form class="gate-form" method="post" onSubmit={onSubmit}>
      <Field
        ref={usernameField}
        label="User name"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        autocorrect="off"
        spellcheck={false}
        required
        maxLength={mostUsernameLength}
        value={username()}
        hint="You log in with it. Small letters, digits and hyphens."
        error={isTried() ? checkUsername(username()) : undefined}
        onInput={(event) => {
          const small = event.currentTarget.value.toLowerCase();
          if (small !== event.currentTarget.value) event.currentTarget.value = small;
          setUsername(small);
        }}
      />
      <Field
        label="Your name"
        name="name"
        autocomplete="name"
        maxLength={128}
        placeholder={username()}
        hint="As others see it. May be left empty."
        value={displayName()}
        onInput={(event) => setDisplayName(event.currentTarget.value)}
      />
      <NewPasswordField
        label="Password"
        value={password()}
        names={[username(), displayName()]}
        onInput={setPassword}
      />
      <SubmissionNotice of={submission} />
      <Button
        type="submit"
        variant="primary"
        busy={submission.busy()}
        disabled={submission.waitSeconds() > 0}
      >
        {props.action}
      </Button>
    </form>
  );
}

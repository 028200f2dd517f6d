import { createSignal, untrack } from "solid-js";
import { Button } from "../ui/button.tsx";
import { AccountNames } from "./account-names.tsx";
import { checkUsername } from "./check-username.ts";
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
      <AccountNames
        ref={(field) => (usernameField = field)}
        username={username()}
        onUsername={setUsername}
        hint="You log in with it. Small letters, digits and hyphens."
        isTried={isTried()}
        displayName={displayName()}
        onDisplayName={setDisplayName}
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

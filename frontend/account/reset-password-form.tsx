import { createSignal } from "solid-js";
import { Button } from "../ui/button.tsx";
import { createSubmission } from "./create-submission.ts";
import { NewPasswordField } from "./new-password-field.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";

export function ResetPasswordForm(props: {
  username: string;
  submit(password: string): Promise<unknown>;
}) {
  const submission = createSubmission();
  const [password, setPassword] = createSignal("");
  return (
    <form
      class="gate-form"
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        void submission.run(() => props.submit(password()));
      }}
    >
      {/* For password managers: whose password this is. */}
      <input
        class="visually-hidden"
        name="username"
        autocomplete="username"
        value={props.username}
        readonly
        tabindex="-1"
        aria-hidden="true"
      />
      <NewPasswordField
        label="New password"
        value={password()}
        names={[props.username]}
        onInput={setPassword}
      />
      <SubmissionNotice of={submission} />
      <Button
        type="submit"
        variant="primary"
        busy={submission.busy()}
        disabled={submission.waitSeconds() > 0}
      >
        Set the password
      </Button>
    </form>
  );
}

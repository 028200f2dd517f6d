import { createSignal, Show } from "solid-js";
import { Button } from "../ui/button.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { createSubmission } from "./create-submission.ts";
import { mostPasswordLength } from "./estimate-password.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/** Asked before anything that changes how one logs in: the screen may stand open in front of somebody else. */
export function ConfirmPassword(props: {
  hasPassword: boolean;
  action: string;
  danger?: boolean;
  run(password: string): Promise<unknown>;
  cancel(): void;
}) {
  const submission = createSubmission();
  const [password, setPassword] = createSignal("");
  return (
    <form
      class="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submission.run(() => props.run(password()));
      }}
    >
      <Show when={props.hasPassword}>
        <PasswordField
          ref={(element) => queueMicrotask(() => element.focus())}
          label="Your password"
          autocomplete="current-password"
          required
          maxLength={mostPasswordLength}
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </Show>
      <SubmissionNotice of={submission} />
      <div class="account-form-row">
        <Button
          type="submit"
          variant={props.danger ? "danger" : "primary"}
          busy={submission.busy()}
          disabled={submission.waitSeconds() > 0}
        >
          {props.action}
        </Button>
        <Button variant="quiet" onClick={() => props.cancel()}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

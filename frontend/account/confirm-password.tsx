import { createSignal } from "solid-js";
import { ConfirmRow } from "./confirm-row.tsx";
import { createSubmission } from "./create-submission.ts";
import { CurrentPasswordField } from "./current-password-field.tsx";

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
      <CurrentPasswordField
        hasPassword={props.hasPassword}
        takesFocus
        value={password()}
        onInput={setPassword}
      />
      <ConfirmRow
        of={submission}
        action={props.action}
        danger={props.danger}
        cancel={() => props.cancel()}
      />
    </form>
  );
}

import { Button } from "../ui/button.tsx";
import type { Submission } from "./create-submission.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/** The end of a form about the account: what came of it, the button that does it, and the way back. */
export function ConfirmRow(props: {
  of: Submission;
  action: string;
  danger?: boolean | undefined;
  disabled?: boolean;
  cancel(): void;
}) {
  return (
    <>
      <SubmissionNotice of={props.of} />
      <div class="account-form-row">
        <Button
          type="submit"
          variant={props.danger ? "danger" : "primary"}
          busy={props.of.busy()}
          disabled={props.disabled || props.of.waitSeconds() > 0}
        >
          {props.action}
        </Button>
        <Button variant="quiet" onClick={() => props.cancel()}>
          Cancel
        </Button>
      </div>
    </>
  );
}

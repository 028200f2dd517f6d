import { createSignal, type JSX } from "solid-js";
import type { Submission } from "../account/create-submission.ts";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";

/** Before something is lost: what is lost, and a word to type, so that nobody does it by habit. */
export function TypedQuestion(props: {
  children: JSX.Element;
  /** To be typed. */
  word: string;
  action: string;
  submission: Submission;
  run(): void;
  cancel(): void;
}) {
  const [typed, setTyped] = createSignal("");
  return (
    <form
      class="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed() === props.word) props.run();
      }}
    >
      <div>{props.children}</div>
      <Field
        ref={(element) => queueMicrotask(() => element.focus())}
        label={`Type “${props.word}” to go on`}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        maxLength={256}
        value={typed()}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <SubmissionNotice of={props.submission} />
      <div class="account-form-row">
        <Button
          type="submit"
          variant="danger"
          busy={props.submission.busy()}
          disabled={typed() !== props.word}
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

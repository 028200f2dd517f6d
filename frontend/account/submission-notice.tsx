import { Show } from "solid-js";
import { Notice } from "../ui/notice.tsx";
import type { Submission } from "./create-submission.ts";

/** What came of it, above the button that may be pressed again. */
export function SubmissionNotice(props: { of: Submission }) {
  return (
    <Show when={props.of.failure()}>
      {(failure) => (
        <Notice tone="danger">
          {failure()}
          <Show when={props.of.waitSeconds() > 0}>
            {/* For the eye: a screen reader would read every second of it. */}
            <span aria-hidden="true"> {countdown(props.of.waitSeconds())}</span>
          </Show>
        </Notice>
      )}
    </Show>
  );
}

function countdown(seconds: number): string {
  if (seconds < 60) return `You can try again in ${seconds} s.`;
  return `You can try again in ${Math.floor(seconds / 60)} min ${seconds % 60} s.`;
}

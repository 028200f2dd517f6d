import { Show } from "solid-js";
import type { Submission } from "../account/create-submission.ts";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { Button } from "../ui/button.tsx";
import { Skeleton } from "../ui/progress.tsx";

/** Stands where a list will be; where it did not come, it says so and asks again. */
export function AdminLoading(props: { of: Submission; again(): Promise<unknown>; lines?: number }) {
  return (
    <Show when={props.of.failure()} fallback={<Skeleton lines={props.lines ?? 6} />}>
      <SubmissionNotice of={props.of} />
      <div class="account-form-row">
        <Button onClick={() => void props.of.run(props.again)}>Try again</Button>
      </div>
    </Show>
  );
}

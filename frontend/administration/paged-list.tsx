import { For, type JSX, Show } from "solid-js";
import type { Submission } from "../account/create-submission.ts";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { Button } from "../ui/button.tsx";
import { AdminLoading } from "./admin-loading.tsx";
import type { Pages } from "./create-pages.ts";

/** The list itself, or what stands in its place. */
export function PagedList<Row>(props: {
  pages: Pages<Row>;
  submission: Submission;
  /** Where there is nothing. */
  empty: string;
  children(row: Row): JSX.Element;
}) {
  return (
    <Show
      when={props.pages.rows()}
      fallback={<AdminLoading of={props.submission} again={props.pages.read} />}
    >
      {(rows) => (
        <>
          <SubmissionNotice of={props.submission} />
          <Show when={rows().length > 0} fallback={<p class="field-hint">{props.empty}</p>}>
            <ul class="detail-list">
              <For each={rows()}>{(row) => props.children(row)}</For>
            </ul>
          </Show>
          <Show when={props.pages.hasMore()}>
            <div class="account-form-row">
              <Button
                busy={props.submission.busy()}
                onClick={() => void props.submission.run(props.pages.readMore)}
              >
                Load more
              </Button>
            </div>
          </Show>
        </>
      )}
    </Show>
  );
}

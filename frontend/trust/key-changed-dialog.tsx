import { lazy, onCleanup, onMount, Show, Suspense } from "solid-js";
import { joinKeyQuestionHosts, useKeyQuestion } from "./key-questions.ts";

const KeyChangedQuestion = lazy(() => import("./key-changed-question.tsx"));

/**
 * Shows the questions about changed worker keys, one after the other, wherever in the page it is
 * mounted. Mount it once and as early as the page: without it the answer is reject.
 */
export function KeyChangedHost(props: {
  /** What people call this worker; its id where nothing is known. */
  workerName?: (workerId: string) => string | undefined;
}) {
  const waiting = useKeyQuestion();
  onMount(() => onCleanup(joinKeyQuestionHosts()));
  return (
    <Suspense>
      <Show when={waiting()} keyed>
        {(entry) => (
          <KeyChangedQuestion
            question={entry.question}
            workerName={props.workerName?.(entry.question.workerId) ?? entry.question.workerId}
            onAnswer={entry.answer}
          />
        )}
      </Show>
    </Suspense>
  );
}

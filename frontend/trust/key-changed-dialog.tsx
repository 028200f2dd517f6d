import { onCleanup, onMount, Show } from "solid-js";
import { makePart } from "../ui/part.tsx";
import { joinKeyQuestionHosts, useKeyQuestion } from "./key-questions.ts";

const KeyChangedQuestion = makePart(
  async () => (await import("./key-changed-question.tsx")).KeyChangedQuestion,
);

/**
 * Shows the questions about changed worker keys, one after the other, wherever in the page it is
 * mounted. Mount it once and as early as the page: without it the answer is reject. While the dialog
 * cannot be loaded the question waits, and so does the worker.
 */
export function KeyChangedHost(props: {
  /** What people call this worker; its id where nothing is known. */
  workerName?: (workerId: string) => string | undefined;
}) {
  const waiting = useKeyQuestion();
  onMount(() => onCleanup(joinKeyQuestionHosts()));
  return (
    <Show when={waiting()} keyed>
      {(entry) => (
        <KeyChangedQuestion
          question={entry.question}
          workerName={props.workerName?.(entry.question.workerId) ?? entry.question.workerId}
          onAnswer={entry.answer}
        />
      )}
    </Show>
  );
}

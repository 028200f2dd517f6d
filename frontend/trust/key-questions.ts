import { createSignal } from "solid-js";
import type { KeyQuestion } from "./key-question.ts";

/**
 * The questions about changed keys that wait for an answer, oldest first. Link asks, the
 * <KeyChangedHost /> of the page answers. Where no host is shown nobody can be asked: the answer
 * is reject (protocol §8).
 */

interface WaitingQuestion {
  readonly question: KeyQuestion;
  answer(accepted: boolean): void;
}

const [waiting, setWaiting] = createSignal<readonly WaitingQuestion[]>([]);
let hosts = 0;

/** Asks and waits. `signal` withdraws the question, which rejects it. */
export function askKeyQuestion(question: KeyQuestion, signal: AbortSignal): Promise<boolean> {
  if (hosts === 0 || signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const entry: WaitingQuestion = {
      question,
      answer(accepted) {
        signal.removeEventListener("abort", withdraw);
        setWaiting((all) => all.filter((other) => other !== entry));
        resolve(accepted);
      },
    };
    const withdraw = () => entry.answer(false);
    signal.addEventListener("abort", withdraw, { once: true });
    setWaiting((all) => [...all, entry]);
  });
}

/** The question to show now. */
export function useKeyQuestion(): () => WaitingQuestion | undefined {
  return () => waiting()[0];
}

/** The host counts itself in while it is shown; the last one that leaves rejects what still waits. */
export function joinKeyQuestionHosts(): () => void {
  hosts += 1;
  let left = false;
  return () => {
    if (left) return;
    left = true;
    hosts -= 1;
    if (hosts === 0) for (const entry of waiting()) entry.answer(false);
  };
}

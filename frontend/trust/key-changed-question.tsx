import { Show } from "solid-js";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Words } from "../ui/words.tsx";
import type { KeyQuestion } from "./key-question.ts";
import "./key-changed-question.css";

/** "Worker public key changed": reject is the default, Escape and dismissal (protocol §8). */
export function KeyChangedQuestion(props: {
  question: KeyQuestion;
  workerName: string;
  onAnswer: (accepted: boolean) => void;
}) {
  let reject: HTMLButtonElement | undefined;
  const isMode = () => props.question.kind === "mode";
  const isWeaker = () =>
    props.question.expected.mode === "post-quantum" && props.question.actual.mode === "classic";
  return (
    <Dialog
      open
      alert
      size="medium"
      title={isMode() ? "Worker encryption was weakened" : "Worker public key changed"}
      description={
        <Show
          when={isMode()}
          fallback={<KeyText workerName={props.workerName} isWeaker={isWeaker()} />}
        >
          <ModeText workerName={props.workerName} />
        </Show>
      }
      initialFocus={() => reject}
      onClose={() => props.onAnswer(false)}
      footer={
        <>
          <Button
            variant="primary"
            ref={(element) => (reject = element)}
            onClick={() => props.onAnswer(false)}
          >
            Reject
          </Button>
          <Button variant="danger" onClick={() => props.onAnswer(true)}>
            Accept
          </Button>
        </>
      }
    >
      <dl class="key-changed" data-question={props.question.kind}>
        <dt>Expected</dt>
        <dd>
          <Show
            when={isMode()}
            fallback={<KeyWords {...props.question.expected} label="Expected" />}
          >
            Post-quantum
          </Show>
        </dd>
        <dt>Actual</dt>
        <dd>
          <Show
            when={isMode()}
            fallback={<KeyWords {...props.question.actual} label="Actual" tone="danger" />}
          >
            Classic
          </Show>
        </dd>
      </dl>
    </Dialog>
  );
}

function KeyWords(props: KeyQuestion["actual"] & { label: string; tone?: "danger" }) {
  return (
    <Words words={props.fingerprint.longWords} label={props.label} tone={props.tone ?? "plain"} />
  );
}

function KeyText(props: { workerName: string; isWeaker: boolean }) {
  return (
    <>
      <p class="key-changed-text">
        The public key of <strong>{props.workerName}</strong> is not the one that this browser saw
        last time. Its owner may have replaced the key, or somebody between you and the worker may
        be posing as it to read and control your terminals.
      </p>
      <Show when={props.isWeaker}>
        <p class="key-changed-text">
          With it the encryption would go back from post-quantum to classic, which may be read
          later.
        </p>
      </Show>
      <p class="key-changed-text">
        Reject unless you expected this. First compare the words below with its owner by another way
        than this page, such as a call.
      </p>
    </>
  );
}

function ModeText(props: { workerName: string }) {
  return (
    <>
      <p class="key-changed-text">
        <strong>{props.workerName}</strong> used post-quantum encryption until now, and the hub
        reports that it has gone back to classic. Its owner may have changed this, or somebody may
        be trying to weaken the channel so that it can be read later.
      </p>
      <p class="key-changed-text">
        Reject unless you expected this, and ask the worker’s owner by another way than this page.
      </p>
    </>
  );
}

import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import "./progress.css";

/** Shows its children only after a moment: what is quick needs no sign that it works (150 ms). */
function Delayed(props: { waitMs?: number; children: JSX.Element }) {
  const [due, setDue] = createSignal(false);
  const timer = setTimeout(() => setDue(true), props.waitMs ?? 150);
  onCleanup(() => clearTimeout(timer));
  return <Show when={due()}>{props.children}</Show>;
}

/** How far something is (0 to 1), or, without a value, that it goes on. */
export function Progress(props: { label: string; value?: number }) {
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={props.label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow={props.value === undefined ? undefined : Math.round(props.value * 100)}
      data-endless={props.value === undefined ? "" : undefined}
    >
      <div
        class="progress-bar"
        style={{ transform: props.value === undefined ? undefined : `scaleX(${props.value})` }}
      />
    </div>
  );
}

/** The grey shape of what is on its way. */
export function Skeleton(props: { lines?: number }) {
  return (
    <Delayed>
      <div class="skeleton" aria-hidden="true">
        {Array.from({ length: props.lines ?? 3 }, () => (
          <div class="skeleton-line" />
        ))}
      </div>
    </Delayed>
  );
}

/** "Opening a terminal", after 150 ms the bar, after 2 s also the sentence that says why it takes so long. */
export function Waiting(props: { label: string; sentence: string }) {
  return (
    <Delayed>
      <div class="waiting" role="status">
        <Progress label={props.label} />
        <Delayed waitMs={1850}>
          <p>{props.sentence}</p>
        </Delayed>
      </div>
    </Delayed>
  );
}

import { For } from "solid-js";
import "./words.css";

/** Fingerprint words, laid out to be compared by eye or read out aloud; never broken within a word. */
export function Words(props: {
  words: readonly string[];
  label: string;
  tone?: "plain" | "danger";
}) {
  return (
    <p
      class="words"
      data-tone={props.tone ?? "plain"}
      aria-label={`${props.label}: ${props.words.join(" ")}`}
      role="group"
    >
      <For each={props.words}>{(word) => <span class="word">{word}</span>}</For>
    </p>
  );
}

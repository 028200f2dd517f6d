import { For } from "solid-js";
import { chordCaps, isMac } from "./key-chord.ts";
import "./key-cap.css";

/** A chord as the caps that are pressed. */
export function KeyCap(props: { chord: string }) {
  return (
    <span class="key-caps">
      <For each={chordCaps(props.chord, isMac)}>{(cap) => <kbd class="key-cap">{cap}</kbd>}</For>
    </span>
  );
}

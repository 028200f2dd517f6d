import type { JSX } from "solid-js";
import "./badge.css";

export type Tone = "plain" | "ok" | "warn" | "danger" | "info" | "accent";

/** A word or number beside a thing. */
export function Badge(props: { tone?: Tone; children: JSX.Element }) {
  return (
    <span class="badge" data-tone={props.tone ?? "plain"}>
      {props.children}
    </span>
  );
}

/** A state as a dot; `label` says it in words, for everybody who cannot see the colour. */
export function Dot(props: { tone: Tone; label?: string; hollow?: boolean }) {
  return (
    <span
      class="dot"
      data-tone={props.tone}
      data-hollow={props.hollow ? "" : undefined}
      role={props.label ? "img" : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : "true"}
    />
  );
}

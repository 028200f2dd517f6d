import type { JSX } from "solid-js";
import type { Tone } from "./badge.tsx";
import "./notice.css";

/** A sentence or two within a form or a page that belong to what stands around it. */
export function Notice(props: {
  tone: Extract<Tone, "plain" | "ok" | "warn" | "danger" | "info">;
  children: JSX.Element;
}) {
  return (
    <div class="notice" data-tone={props.tone} role={props.tone === "danger" ? "alert" : "status"}>
      {props.children}
    </div>
  );
}

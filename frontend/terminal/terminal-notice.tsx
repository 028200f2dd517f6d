import { type JSX, Show } from "solid-js";
import { Button } from "../ui/button.tsx";

/** One line over the foot of a terminal: what is, and the one thing to do about it. */
export function TerminalNotice(props: {
  tone: "plain" | "warn" | "danger";
  children: JSX.Element;
  action?: string;
  keys?: string;
  onAction?: () => void;
}) {
  return (
    <div
      class="terminal-notice"
      data-tone={props.tone}
      role={props.tone === "danger" ? "alert" : "status"}
    >
      <p class="terminal-notice-text">{props.children}</p>
      <Show when={props.action}>
        <Button variant="plain" keys={props.keys} onClick={() => props.onAction?.()}>
          {props.action}
        </Button>
      </Show>
    </div>
  );
}

import { CopyButton } from "./copy-field.tsx";
import "./code-block.css";

/** A command to take along, whole as it stands. */
export function CodeBlock(props: { label: string; text: string; variant?: "plain" | "primary" }) {
  return (
    <div class="code-block">
      <pre class="code-block-text" aria-label={props.label} tabindex="0">
        {props.text}
      </pre>
      <CopyButton
        text={props.text}
        label="Copy the command"
        {...(props.variant ? { variant: props.variant } : {})}
      />
    </div>
  );
}

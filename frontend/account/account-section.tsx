import { createUniqueId, type JSX, Show } from "solid-js";
import "./account-section.css";

/** A titled part of the account's or the people's dialog. */
export function AccountSection(props: {
  title: string;
  text?: JSX.Element;
  /** Beside the title. */
  action?: JSX.Element;
  children?: JSX.Element;
}) {
  const id = createUniqueId();
  return (
    <section class="account-section" aria-labelledby={id}>
      <div class="account-section-head">
        <h3 class="account-section-title" id={id}>
          {props.title}
        </h3>
        {props.action}
      </div>
      <Show when={props.text}>
        <div class="account-section-text">{props.text}</div>
      </Show>
      {props.children}
    </section>
  );
}

import { type JSX, Show } from "solid-js";
import { Icon, type IconComponent } from "./icon.tsx";
import "./detail-row.css";

interface DetailRowProps {
  icon?: IconComponent;
  title: JSX.Element;
  /** Words beside the title. */
  badges?: JSX.Element;
  /** A quiet second line. */
  details?: JSX.Element;
  /** Buttons at the end, always there. */
  actions?: JSX.Element;
  /** What opened below, over the whole width. */
  children?: JSX.Element;
}

/** One thing of a list in two lines, with what can be done to it. Inside of a `detail-list`. */
export function DetailRow(props: DetailRowProps) {
  return (
    <li class="detail-row">
      <div class="detail-row-main">
        <Show when={props.icon}>
          {(icon) => (
            <span class="detail-row-icon">
              <Icon of={icon()} />
            </span>
          )}
        </Show>
        <div class="detail-row-text">
          <div class="detail-row-title">
            <span class="detail-row-name">{props.title}</span>
            {props.badges}
          </div>
          <Show when={props.details}>
            <div class="detail-row-details">{props.details}</div>
          </Show>
        </div>
        <Show when={props.actions}>
          <div class="detail-row-actions">{props.actions}</div>
        </Show>
      </div>
      <Show when={props.children}>
        <div class="detail-row-more">{props.children}</div>
      </Show>
    </li>
  );
}

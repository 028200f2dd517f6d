import { type JSX, Show, splitProps } from "solid-js";
import "./list-row.css";

interface ListRowProps extends Omit<JSX.HTMLAttributes<HTMLDivElement>, "onSelect"> {
  /** What stands before the label: an icon, a dot. */
  lead?: JSX.Element;
  label: JSX.Element;
  /** Quiet text or badge at the end. */
  trail?: JSX.Element;
  /** Buttons that appear on hover and focus. */
  actions?: JSX.Element;
  current?: boolean;
  /** Where it leads; without it the row only shows. */
  href?: string | undefined;
  /** The name where the label alone does not say it. */
  name?: string | undefined;
}

/** One line of a list: the whole row is the link, its buttons stand beside it. */
export function ListRow(props: ListRowProps) {
  const [own, rest] = splitProps(props, [
    "lead",
    "label",
    "trail",
    "actions",
    "current",
    "href",
    "name",
    "class",
  ]);
  const inside = () => (
    <>
      <span class="list-row-lead">{own.lead}</span>
      <span class="list-row-label truncate">{own.label}</span>
      <span class="list-row-trail">{own.trail}</span>
    </>
  );
  return (
    <div
      {...rest}
      class={`list-row ${own.class ?? ""}`}
      data-current={own.current ? "" : undefined}
    >
      <Show when={own.href} fallback={<span class="list-row-main">{inside()}</span>}>
        {(href) => (
          <a
            class="list-row-main"
            href={href()}
            aria-label={own.name}
            aria-current={own.current ? "page" : undefined}
            draggable={false}
          >
            {inside()}
          </a>
        )}
      </Show>
      <Show when={own.actions}>
        <span class="list-row-actions">{own.actions}</span>
      </Show>
    </div>
  );
}

import { type JSX, onMount, Show } from "solid-js";
import icon from "../app/icon.svg";
import { TooltipHost } from "../ui/tooltip.tsx";
import "./gate-page.css";

interface GatePageProps {
  title: string;
  text?: JSX.Element;
  children?: JSX.Element;
  /** Below a line: other ways. */
  foot?: JSX.Element;
}

/** A page about getting in: one column, one thing to do. */
export function GatePage(props: GatePageProps) {
  let heading: HTMLHeadingElement | undefined;
  let page: HTMLElement | undefined;

  // The first field takes the keyboard; where there is none, the heading is read out.
  onMount(() => {
    const first = page?.querySelector<HTMLElement>("[data-first], form input:not([readonly])");
    (first ?? heading)?.focus({ preventScroll: true });
  });

  return (
    <main class="gate" ref={page}>
      <div class="gate-column">
        <div class="gate-brand">
          <img src={icon} alt="" width="24" height="24" />
          <span>LeapMux</span>
          <span class="gate-host truncate">{location.host}</span>
        </div>
        <div class="gate-head">
          <h1 class="gate-title" ref={heading} tabindex="-1">
            {props.title}
          </h1>
          <Show when={props.text}>
            <div class="gate-text">{props.text}</div>
          </Show>
        </div>
        {props.children}
        <Show when={props.foot}>
          <div class="gate-foot">{props.foot}</div>
        </Show>
      </div>
      <TooltipHost />
    </main>
  );
}

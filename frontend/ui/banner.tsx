import { type JSX, Show } from "solid-js";
import { Icon, type IconComponent } from "./icon.tsx";
import type { Tone } from "./badge.tsx";
import "./banner.css";

interface BannerProps {
  tone: Extract<Tone, "plain" | "warn" | "danger" | "info">;
  icon?: IconComponent;
  children: JSX.Element;
  action?: JSX.Element;
  /** A strip is part of the layout and stays; a float lies over the content and moves nothing. */
  shape: "strip" | "float";
}

export function Banner(props: BannerProps) {
  return (
    <div
      class={`banner banner-${props.shape}`}
      data-tone={props.tone}
      role={props.tone === "danger" ? "alert" : "status"}
    >
      <Show when={props.icon}>{(icon) => <Icon of={icon()} />}</Show>
      <p class="banner-text">{props.children}</p>
      {props.action}
    </div>
  );
}

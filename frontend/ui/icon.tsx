import type { LucideProps } from "lucide-solid";
import type { Component } from "solid-js";
import { Dynamic } from "solid-js/web";

export type IconComponent = Component<LucideProps>;

/** One look for all icons: 16 px, lines of 1.5 px, silent for screen readers. */
export function Icon(props: { of: IconComponent; size?: number; class?: string }) {
  return (
    <Dynamic
      component={props.of}
      size={props.size ?? 16}
      strokeWidth={1.5}
      absoluteStrokeWidth
      class={props.class ?? ""}
      aria-hidden="true"
    />
  );
}

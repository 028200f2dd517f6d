import { Popover as Base } from "@kobalte/core/popover";
import type { JSX } from "solid-js";
import { keepFocus } from "./keep-focus.ts";
import "./popover.css";

interface PopoverProps {
  anchor: HTMLElement;
  title: string;
  onClose(): void;
  children: JSX.Element;
}

/** Details of one small thing, beside it. Import lazily. */
export function Popover(props: PopoverProps) {
  const returnFocus = keepFocus();
  return (
    <Base
      open
      onOpenChange={(open) => !open && props.onClose()}
      anchorRef={() => props.anchor}
      placement="top-start"
      gutter={6}
      overflowPadding={8}
    >
      <Base.Portal>
        <Base.Content class="popover" onCloseAutoFocus={() => returnFocus()}>
          <Base.Title class="popover-title">{props.title}</Base.Title>
          {props.children}
        </Base.Content>
      </Base.Portal>
    </Base>
  );
}

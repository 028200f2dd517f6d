import { Dialog as Base } from "@kobalte/core/dialog";
import X from "lucide-solid/icons/x";
import { createComputed, type JSX } from "solid-js";
import { IconButton } from "./button.tsx";
import { keepFocus } from "./keep-focus.ts";
import "./dialog.css";
import "./sheet.css";

interface SheetProps {
  open: boolean;
  title: string;
  onClose(): void;
  children: JSX.Element;
}

/** Reference beside the work: from the side on a desk, from below on a phone. Import lazily. */
export function Sheet(props: SheetProps) {
  let returnFocus: (() => void) | undefined;
  let body: HTMLDivElement | undefined;
  createComputed(() => {
    if (props.open) returnFocus = keepFocus();
  });

  return (
    <Base open={props.open} onOpenChange={(open) => !open && props.onClose()} modal>
      <Base.Portal>
        <Base.Overlay class="dialog-scrim" />
        <Base.Content
          class="sheet"
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            body?.focus();
          }}
          onCloseAutoFocus={() => returnFocus?.()}
        >
          <header class="dialog-head">
            <Base.Title class="dialog-title">{props.title}</Base.Title>
            <IconButton label="Close" keys="Escape" icon={X} onClick={() => props.onClose()} />
          </header>
          {/* Focusable so that the keyboard can scroll it. */}
          <div ref={body} class="sheet-body" tabindex="0" role="group" aria-label={props.title}>
            {props.children}
          </div>
        </Base.Content>
      </Base.Portal>
    </Base>
  );
}

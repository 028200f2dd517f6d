import { Dialog as Base } from "@kobalte/core/dialog";
import X from "lucide-solid/icons/x";
import { createComputed, type JSX, onCleanup, Show } from "solid-js";
import { IconButton } from "./button.tsx";
import { holdFocus } from "./hold-focus.ts";
import { keepFocus } from "./keep-focus.ts";
import "./dialog.css";

interface DialogProps {
  open: boolean;
  title: string;
  description?: JSX.Element;
  /** Escape, a click beside it, or the close button. */
  onClose(): void;
  /** The buttons, the safe one first. */
  footer?: JSX.Element;
  children?: JSX.Element;
  size?: "small" | "medium" | "large";
  /** A question that interrupts: read out at once, not closed by a click beside it. */
  alert?: boolean;
  /** What gets the focus first; else the first control inside. */
  initialFocus?: () => HTMLElement | undefined;
  /** It is gone and the focus is back where it was. */
  onClosed?: () => void;
  /** `sections`: the content brings its own tabs and scrolls by itself. */
  layout?: "sections";
  /** No title bar: the content brings its own head; `title` still names it. */
  bare?: boolean;
}

/**
 * A modal question or form. The focus stays inside and goes back to where it was. Import lazily: it
 * brings the dialog machinery with it, which the first terminal does not need.
 */
export function Dialog(props: DialogProps) {
  let returnFocus: (() => void) | undefined;
  const hold = (content: HTMLElement) => onCleanup(holdFocus(content));
  createComputed(() => {
    if (props.open) returnFocus = keepFocus();
  });

  return (
    <Base open={props.open} onOpenChange={(open) => !open && props.onClose()} modal>
      <Base.Portal>
        <Base.Overlay class="dialog-scrim" />
        <div class="dialog-place">
          <Base.Content
            ref={hold}
            tabIndex={-1}
            class={`dialog dialog-${props.size ?? "small"}`}
            role={props.alert ? "alertdialog" : "dialog"}
            onOpenAutoFocus={(event) => {
              const content = event.currentTarget;
              const first = props.initialFocus?.() ?? firstControl(content);
              if (!first) return;
              event.preventDefault();
              first.focus();
            }}
            onCloseAutoFocus={() => {
              returnFocus?.();
              props.onClosed?.();
            }}
            onInteractOutside={(event) => props.alert && event.preventDefault()}
          >
            <header class={props.bare ? "visually-hidden" : "dialog-head"}>
              <Base.Title class="dialog-title">{props.title}</Base.Title>
              <Show when={!props.alert && !props.bare}>
                <IconButton label="Close" keys="Escape" icon={X} onClick={() => props.onClose()} />
              </Show>
            </header>
            <Show when={props.description}>
              <Base.Description as="div" class="dialog-description">
                {props.description}
              </Base.Description>
            </Show>
            <Show when={props.children}>
              <div class={props.bare || props.layout ? "dialog-bare" : "dialog-body"}>
                {props.children}
              </div>
            </Show>
            <Show when={props.footer}>
              <footer class="dialog-foot">{props.footer}</footer>
            </Show>
          </Base.Content>
        </div>
      </Base.Portal>
    </Base>
  );
}

/** The close button is the last thing that somebody came for. */
function firstControl(content: EventTarget | null): HTMLElement | null {
  if (!(content instanceof Element)) return null;
  const controls = ":is(input, select, textarea, button):not(:disabled)";
  return (
    content.querySelector<HTMLElement>(`:is(.dialog-body, .dialog-bare) ${controls}`) ??
    content.querySelector<HTMLElement>(`.dialog-foot ${controls}`)
  );
}

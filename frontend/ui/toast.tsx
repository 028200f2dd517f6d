import X from "lucide-solid/icons/x";
import { createSignal, For, Show } from "solid-js";
import { Button, IconButton } from "./button.tsx";
import "./toast.css";

/**
 * Short news at the corner, read out politely. A failure stays until it is dismissed or acted on;
 * the rest leaves by itself, but not while somebody points at it or has the focus in it.
 */
export interface Toast {
  readonly text: string;
  readonly tone?: "plain" | "danger";
  readonly action?: { readonly label: string; readonly keys?: string | undefined; run(): void };
}

export interface Toasts {
  readonly shown: () => readonly { id: number; toast: Toast }[];
  show(toast: Toast): void;
  dismiss(id: number): void;
  /** While held nothing leaves by itself. */
  hold(held: boolean): void;
}

const staysMs = 6000;
const mostShown = 3;

export function createToasts(): Toasts {
  const [shown, setShown] = createSignal<readonly { id: number; toast: Toast }[]>([]);
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  let lastId = 0;

  function dismiss(id: number): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    setShown((all) => all.filter((entry) => entry.id !== id));
  }
  function startTimer(entry: { id: number; toast: Toast }): void {
    if (entry.toast.tone === "danger") return;
    clearTimeout(timers.get(entry.id));
    timers.set(
      entry.id,
      setTimeout(() => dismiss(entry.id), staysMs),
    );
  }

  return {
    shown,
    dismiss,
    show(toast) {
      // The same news twice is one piece of news.
      const same = shown().find((entry) => entry.toast.text === toast.text);
      if (same) dismiss(same.id);
      lastId += 1;
      const entry = { id: lastId, toast };
      setShown((all) => [...all, entry].slice(-mostShown));
      startTimer(entry);
    },
    hold(held) {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      if (!held) for (const entry of shown()) startTimer(entry);
    },
  };
}

export function ToastHost(props: { toasts: Toasts }) {
  return (
    <div
      class="toasts"
      role="region"
      aria-label="Notices"
      onPointerEnter={() => props.toasts.hold(true)}
      onPointerLeave={() => props.toasts.hold(false)}
      onFocusIn={() => props.toasts.hold(true)}
      onFocusOut={() => props.toasts.hold(false)}
    >
      <div aria-live="polite">
        <For each={props.toasts.shown()}>
          {({ id, toast }) => (
            <div class="toast" data-tone={toast.tone ?? "plain"}>
              <p class="toast-text">{toast.text}</p>
              <Show when={toast.action}>
                {(action) => (
                  <Button
                    variant="quiet"
                    class="toast-action"
                    keys={action().keys}
                    onClick={() => {
                      props.toasts.dismiss(id);
                      action().run();
                    }}
                  >
                    {action().label}
                  </Button>
                )}
              </Show>
              <IconButton label="Dismiss" icon={X} onClick={() => props.toasts.dismiss(id)} />
            </div>
          )}
        </For>
      </div>
    </div>
  );
}

import { type Component, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { later, type When } from "./later.ts";

const missingListeners = new Set<() => void>();

/** Told when something should be on the screen and could not be loaded. Returns its removal. */
export function onPartMissing(tell: () => void): () => void {
  missingListeners.add(tell);
  return () => missingListeners.delete(tell);
}

type PartProps<Props> = Props & {
  /** It could not be loaded: whoever asked for it takes that back. Without this it is tried again until it is here. */
  onMissing?: () => void;
  /** Stands in its place until it is here. */
  waiting?: JSX.Element;
};

/** Between two tries of a part that nobody takes back, ms. */
const [firstRetryMs, lastRetryMs] = [1_000, 30_000];

/** A component that arrives later. */
export function makePart<Props extends object>(
  load: () => Promise<Component<Props>>,
  when: When = "idle",
): (props: PartProps<Props>) => JSX.Element {
  const [loaded, setLoaded] = createSignal<Component<Props>>();
  const get = later(async () => {
    const component = await load();
    setLoaded(() => component);
  }, when);
  return (props) => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    onCleanup(() => {
      over = true;
      clearTimeout(timer);
    });
    const bring = (retryMs: number): void => {
      get().catch(() => {
        if (over) return;
        if (retryMs === firstRetryMs) for (const tell of missingListeners) tell();
        if (props.onMissing) return props.onMissing();
        timer = setTimeout(() => bring(Math.min(2 * retryMs, lastRetryMs)), retryMs);
      });
    };
    bring(firstRetryMs);
    return (
      <Show when={loaded()} keyed fallback={props.waiting}>
        {(Loaded) => <Loaded {...props} />}
      </Show>
    );
  };
}

import { type Component, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { later } from "./later.ts";

const missingListeners = new Set<() => void>();

/** Told when something should be on the screen and could not be loaded. Returns its removal. */
export function onPartMissing(tell: () => void): () => void {
  missingListeners.add(tell);
  return () => missingListeners.delete(tell);
}

type PartProps<Props> = Props & {
  /** It could not be loaded: whoever asked for it takes that back. Without this it appears as soon as it is here. */
  onMissing?: () => void;
};

/** A component that arrives later; until then nothing stands in its place. */
export function makePart<Props extends object>(
  load: () => Promise<Component<Props>>,
): (props: PartProps<Props>) => JSX.Element {
  const [loaded, setLoaded] = createSignal<Component<Props>>();
  const get = later(async () => {
    const component = await load();
    setLoaded(() => component);
  });
  return (props) => {
    let over = false;
    onCleanup(() => (over = true));
    get().catch(() => {
      if (over) return;
      for (const tell of missingListeners) tell();
      props.onMissing?.();
    });
    return (
      <Show when={loaded()} keyed>
        {(Loaded) => <Loaded {...props} />}
      </Show>
    );
  };
}

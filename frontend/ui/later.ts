/**
 * What the first terminal does without. It arrives when the page has nothing else to do and its hub
 * is there (loadParts), or when it is first wanted. A load that failed is made again by whoever asks
 * next, so that no part is lost for good because the hub was away for a moment.
 */
export type When = "idle" | "asked";

const parts = new Set<() => Promise<unknown>>();

/** Loads once, as soon as it succeeds. `asked`: never before, because it is nothing without its hub, or seldom needed. */
export function later<T>(load: () => Promise<T>, when: When = "idle"): () => Promise<T> {
  let loading: Promise<T> | undefined;
  const get = (): Promise<T> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  if (when === "idle") parts.add(get);
  return get;
}

/** Brings what is not here yet. What fails stays for the next time. */
export async function loadParts(): Promise<void> {
  await Promise.allSettled([...parts].map((get) => get()));
}

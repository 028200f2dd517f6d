import type { Clock } from "@leapmux/shared/platform/platform.ts";

/** How often a terminal that changes all the time is written to the store. */
export const saveIntervalMs = 5_000;

export interface ScreenKeeper {
  /** The screen changed: it is saved soon, together with what else changes until then. */
  screenChanged(): void;
  /** Title, size or state changed. */
  detailsChanged(): void;
  /** Saves now what is not saved. */
  flush(): Promise<void>;
  /** Nothing is saved any more; resolves when a save that runs is through. */
  stop(): Promise<void>;
}

/** Decides when a terminal is saved; one save at a time, what fails is tried again with the next change. */
export function makeScreenKeeper(options: {
  readonly clock: Clock;
  readonly save: (withScreen: boolean) => Promise<void>;
  readonly onError: (error: unknown) => void;
}): ScreenKeeper {
  const { clock, save, onError } = options;
  let screenDirty = false;
  let detailsDirty = false;
  let stopped = false;
  let cancel: (() => void) | null = null;
  let saving: Promise<void> = Promise.resolve();

  async function saveDirty(): Promise<void> {
    if (stopped || (!screenDirty && !detailsDirty)) return;
    const withScreen = screenDirty;
    screenDirty = false;
    detailsDirty = false;
    try {
      await save(withScreen);
    } catch (error) {
      screenDirty ||= withScreen;
      detailsDirty = true;
      onError(error);
    }
  }

  function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    saving = saving.then(saveDirty);
    return saving;
  }

  function plan(): void {
    if (stopped) return;
    cancel ??= clock.after(saveIntervalMs, () => void flush());
  }

  return {
    screenChanged() {
      screenDirty = true;
      plan();
    },
    detailsChanged() {
      detailsDirty = true;
      plan();
    },
    flush,
    stop() {
      stopped = true;
      cancel?.();
      return saving;
    },
  };
}

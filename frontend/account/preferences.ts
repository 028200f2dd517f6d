import { createEffect, createMemo, createSignal, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { recall, remember } from "../app/remembered.ts";

/** How this browser shows things: kept in this browser, applied at once, in all its windows. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  contrast: "system" | "high";
  /** A family name that comes before the built-in one; empty: the built-in one. */
  fontFamily: string;
  /** CSS pixels. */
  fontSize: number;
  screenReader: boolean;
}

export const defaultPreferences: Preferences = {
  theme: "system",
  contrast: "system",
  fontFamily: "",
  fontSize: 13,
  screenReader: false,
};

export const leastFontSize = 8;
export const mostFontSize = 32;

const builtInFontFamily =
  '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export interface PreferenceStore {
  readonly values: Preferences;
  set(change: Partial<Preferences>): void;
  /** What `system` means now. */
  theme(): "light" | "dark";
  /** The whole list for CSS. */
  fontFamily(): string;
}

export function createPreferences(): PreferenceStore {
  const [values, setValues] = createStore<Preferences>(parsePreferences(recall("preferences")));
  const systemIsDark = createMediaMatch("(prefers-color-scheme: dark)");
  const systemWantsContrast = createMediaMatch("(prefers-contrast: more)");

  const theme = createMemo(() => {
    if (values.theme !== "system") return values.theme;
    return systemIsDark() ? "dark" : "light";
  });
  createEffect(() => {
    const root = document.documentElement;
    if (values.theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = values.theme;
    const high = values.contrast === "high" || systemWantsContrast();
    if (high) root.dataset["contrast"] = "high";
    else delete root.dataset["contrast"];
  });

  const onStorage = (event: StorageEvent) => {
    if (event.key === "leapmux:preferences") {
      setValues(reconcile(parsePreferences(event.newValue ?? undefined)));
    }
  };
  window.addEventListener("storage", onStorage);
  onCleanup(() => window.removeEventListener("storage", onStorage));

  return {
    values,
    theme,
    set(change) {
      setValues(change);
      remember("preferences", JSON.stringify(values));
    },
    fontFamily: () => {
      const own = values.fontFamily.replaceAll(/["\\;{}]/g, "").trim();
      return own === "" ? builtInFontFamily : `"${own}", ${builtInFontFamily}`;
    },
  };
}

/** What storage holds may be from another version or from anybody: each value is checked. */
export function parsePreferences(text: string | undefined): Preferences {
  let found: Partial<Record<keyof Preferences, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? "{}");
    if (typeof parsed === "object" && parsed !== null) found = parsed;
  } catch {
    // Not ours: the defaults.
  }
  const { theme, contrast, fontFamily, fontSize, screenReader } = found;
  return {
    theme: theme === "light" || theme === "dark" ? theme : defaultPreferences.theme,
    contrast: contrast === "high" ? contrast : defaultPreferences.contrast,
    fontFamily:
      typeof fontFamily === "string" ? fontFamily.slice(0, 128) : defaultPreferences.fontFamily,
    fontSize:
      typeof fontSize === "number" && fontSize >= leastFontSize && fontSize <= mostFontSize
        ? fontSize
        : defaultPreferences.fontSize,
    screenReader: screenReader === true,
  };
}

function createMediaMatch(query: string): () => boolean {
  const list = matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  const onChange = () => setMatches(list.matches);
  list.addEventListener("change", onChange);
  onCleanup(() => list.removeEventListener("change", onChange));
  return matches;
}

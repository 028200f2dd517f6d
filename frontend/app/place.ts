import { type Accessor, createSignal, onCleanup } from "solid-js";

/**
 * The address of a workspace and of a tab in it: /w/<workspace>/t/<tab>. Two shapes and a bare `/`
 * are all the routes there are, so the browser's own history serves them without a router, which
 * would weigh 9 KiB before the first terminal.
 */
export interface Place {
  readonly workspaceId?: string;
  readonly tabId?: string;
}

export interface PlaceInHistory {
  /** Follows links, back and forward. */
  readonly place: Accessor<Place>;
  go(place: Place, replace: boolean): void;
}

export function createPlace(): PlaceInHistory {
  const [place, setPlace] = createSignal<Place>(parsePlace(location.pathname), {
    equals: (a, b) => a.workspaceId === b.workspaceId && a.tabId === b.tabId,
  });
  const read = () => setPlace(parsePlace(location.pathname));

  function go(to: Place, replace: boolean): void {
    const path = formatPlace(to);
    if (path !== location.pathname) {
      if (replace) history.replaceState(null, "", path);
      else history.pushState(null, "", path);
    }
    read();
  }

  /** A plain click on a link of ours stays within the page. */
  function onClick(event: MouseEvent): void {
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || modified) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.origin !== location.origin) return;
    event.preventDefault();
    go(parsePlace(link.pathname), false);
  }

  window.addEventListener("popstate", read);
  document.addEventListener("click", onClick);
  onCleanup(() => {
    window.removeEventListener("popstate", read);
    document.removeEventListener("click", onClick);
  });
  return { place, go };
}

export function parsePlace(path: string): Place {
  const [, w, workspaceId, t, tabId] = path.split("/");
  if (w !== "w" || !workspaceId) return {};
  return t === "t" && tabId ? { workspaceId, tabId } : { workspaceId };
}

export function formatPlace({ workspaceId, tabId }: Place): string {
  if (!workspaceId) return "/";
  return tabId ? `/w/${workspaceId}/t/${tabId}` : `/w/${workspaceId}`;
}

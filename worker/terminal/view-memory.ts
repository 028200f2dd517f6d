/** What a terminal remembers of a view while it is away: that makes its input exactly once. */
export interface RememberedView {
  readonly viewId: string;
  /** Bytes of its input that went to the PTY. */
  inputAccepted: number;
  cols: number;
  rows: number;
  /** When it acted last, by order; 0: never. */
  activity: number;
  colours: ViewColours | null;
}

export interface ViewColours {
  readonly foreground: number;
  readonly background: number;
  readonly cursor: number;
  readonly palette: readonly number[];
}

export interface ViewMemory {
  get(viewId: string): RememberedView | undefined;
  remember(view: RememberedView): void;
}

/** The views that came last; older ones are forgotten and start anew. */
export function makeViewMemory(maxViews: number): ViewMemory {
  const views = new Map<string, RememberedView>();
  return {
    get: (viewId) => views.get(viewId),
    remember(view) {
      views.delete(view.viewId);
      views.set(view.viewId, view);
      for (const viewId of views.keys()) {
        if (views.size <= maxViews) break;
        views.delete(viewId);
      }
    },
  };
}

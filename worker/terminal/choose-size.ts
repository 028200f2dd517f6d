const mostCols = 1000;
const mostRows = 1000;

export interface SizedView {
  readonly cols: number;
  readonly rows: number;
  /** When it acted last, by order; 0: never. */
  readonly activity: number;
}

export function isTerminalSize(cols: number, rows: number): boolean {
  return cols >= 1 && cols <= mostCols && rows >= 1 && rows <= mostRows;
}

/**
 * Which of the views decides the size (docs/adr/0005-terminal-size.md): the one where somebody acted last.
 * Among views where nobody did, the first.
 */
export function chooseSizingView<View extends SizedView>(views: Iterable<View>): View | null {
  let chosen: View | null = null;
  for (const view of views) {
    if (!chosen || view.activity > chosen.activity) chosen = view;
  }
  return chosen;
}

import { createSignal } from "solid-js";

/** A list that the hub gives page by page. */
export interface Pages<Row> {
  /** Undefined until the first page is here. */
  rows(): readonly Row[] | undefined;
  hasMore(): boolean;
  /** From its beginning, as far as it was read before. */
  read(): Promise<void>;
  readMore(): Promise<void>;
}

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

export function createPages<Row>(fetch: (pageToken: string) => Promise<Page<Row>>): Pages<Row> {
  const [rows, setRows] = createSignal<readonly Row[]>();
  const [next, setNext] = createSignal("");
  let pages = 1;
  let latest = 0;

  async function take(before: readonly Row[], token: string, many: number): Promise<void> {
    latest += 1;
    const mine = latest;
    let [all, pageToken] = [before, token];
    let read = 0;
    do {
      // One page names the next.
      // oxlint-disable-next-line no-await-in-loop
      const page = await fetch(pageToken);
      // Somebody asked for something else meanwhile.
      if (mine !== latest) return;
      all = [...all, ...page.rows];
      pageToken = page.nextPageToken;
      read += 1;
    } while (read < many && pageToken !== "");
    setRows(all);
    setNext(pageToken);
  }

  return {
    rows,
    hasMore: () => next() !== "",
    read: () => take([], "", pages),
    async readMore() {
      await take(rows() ?? [], next(), 1);
      pages += 1;
    },
  };
}

import { pageTokenOf, requirePageToken } from "../page-token.ts";

/** A page of a list in the order of its keys: one row more is asked for, which tells whether there is another. */
export async function readPage<Row>(
  asked: { readonly pageSize: number; readonly pageToken: string },
  of: {
    readonly most: number;
    readonly isKey: (text: string) => boolean;
    readonly keyOf: (row: Row) => string;
    readonly fetch: (page: { readonly after: string; readonly limit: number }) => Promise<Row[]>;
  },
): Promise<{ readonly rows: readonly Row[]; readonly nextPageToken: string }> {
  const size = asked.pageSize === 0 ? of.most : Math.min(asked.pageSize, of.most);
  const after = requirePageToken(asked.pageToken, of.isKey);
  const rows = await of.fetch({ after, limit: size + 1 });
  const page = rows.slice(0, size);
  const last = rows.length > size ? page.at(-1) : undefined;
  return { rows: page, nextPageToken: last === undefined ? "" : pageTokenOf(of.keyOf(last)) };
}

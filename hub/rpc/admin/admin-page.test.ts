import { expect, test } from "vitest";
import { makeHubLimits } from "../../config/hub-limits.ts";
import { readPage } from "./admin-page.ts";

const { maxRowsPerPage: most } = makeHubLimits();
const keys = Array.from({ length: most + 1 }, (_, at) => `key-${String(at).padStart(4, "0")}`);

const read = (pageSize: number, pageToken = "") =>
  readPage<string>(
    { pageSize, pageToken },
    {
      most,
      isKey: (text) => text.startsWith("key-"),
      keyOf: (row) => row,
      fetch: ({ after, limit }) =>
        Promise.resolve(keys.filter((key) => key > after).slice(0, limit)),
    },
  );

test.each([0, most + 1, 2 ** 32 - 1])(
  "a page of %d rows has no more than the hub gives, and the rest comes with the next",
  async (pageSize) => {
    const first = await read(pageSize);
    expect(first.rows).toEqual(keys.slice(0, most));
    const second = await read(pageSize, first.nextPageToken);
    expect(second).toEqual({ rows: keys.slice(most), nextPageToken: "" });
  },
);

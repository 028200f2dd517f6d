import { expect, test } from "vitest";
import { createPages } from "./create-pages.ts";

const all = ["a", "b", "c", "d", "e"];

function twoAtATime(rows: readonly string[] = all) {
  return createPages(async (token) => {
    const from = token === "" ? 0 : Number(token);
    const nextPageToken = from + 2 < rows.length ? String(from + 2) : "";
    return { rows: rows.slice(from, from + 2), nextPageToken };
  });
}

test("page after page, and read anew as far as it was open", async () => {
  const pages = twoAtATime();
  expect(pages.rows()).toBeUndefined();
  await pages.read();
  expect(pages.rows()).toEqual(["a", "b"]);
  await pages.readMore();
  await pages.readMore();
  expect(pages.rows()).toEqual(all);
  expect(pages.hasMore()).toBe(false);
  await pages.read();
  expect(pages.rows()).toEqual(all);
});

test("an answer that was overtaken changes nothing", async () => {
  const answers: ((row: string) => void)[] = [];
  const pages = createPages<string>(
    () =>
      new Promise((resolve) => {
        answers.push((row) => resolve({ rows: [row], nextPageToken: "" }));
      }),
  );
  const [first, second] = [pages.read(), pages.read()];
  answers[1]?.("of now");
  await second;
  answers[0]?.("of before");
  await first;
  expect(pages.rows()).toEqual(["of now"]);
});

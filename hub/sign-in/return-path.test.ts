import { expect, test } from "vitest";
import { returnPathOf } from "./return-path.ts";

test.each(["/", "/w/abc", "/w/wsp_1/t/tab-2", "/cli"])("%s is a page of ours", (path) =>
  expect(returnPathOf(path)).toBe(path),
);

test.each([
  ...["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "w/abc", ""],
  ...["/%2f%2felsewhere.example", "/a?b", "/a#b", "/a//b", "/../a", "/a\r\nset-cookie: b", null],
  ...["/auth/oauth/prv_1/login", "/sign-in", `/${"a".repeat(300)}`, "/\tb", "/a b"],
])("%s is not", (path) => expect(returnPathOf(path)).toBe("/"));

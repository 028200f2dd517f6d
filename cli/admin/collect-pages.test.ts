import { expect, test } from "vitest";
import { makeAdminFlags } from "./admin-flags.ts";
import { collectPages } from "./collect-pages.ts";

const flags = makeAdminFlags(new Map([["limit", "2"]]));

test("as many as were asked for, and where to go on", async () => {
  const page = await collectPages(flags, ({ pageToken }) =>
    Promise.resolve({ rows: [`after ${pageToken}`], next: `${pageToken}x` }),
  );
  expect(page).toEqual({ rows: ["after ", "after x"], next: "xx" });
});

test.each(["$(id)", "a b", "x\u001b[2J", "`id`", "x".repeat(401), "--hub=http://evil.example;"])(
  "a cursor that is none is not handed on to the next command line: %j",
  async (next) => {
    const collected = collectPages(flags, () => Promise.resolve({ rows: [1], next }));
    await expect(collected).rejects.toThrow("in a way that no hub does");
  },
);

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareWithStamp, writeStamp } from "./frontend-stamp.ts";

let root: string;
let dist: string;
const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "leapmux-stamp-"));
  dist = path.join(root, "frontend/dist");
  for (const dir of ["frontend/dist", "shared", "proto/gen"]) {
    mkdirSync(path.join(root, dir), { recursive: true });
  }
  write("package-lock.json", "{}");
  write("frontend/main.ts", "1");
  write("shared/a.ts", "a");
  write("frontend/dist/.manifest.json", "{}");
  writeStamp(dist, compareWithStamp(root, dist));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a fresh build is current", () => {
  expect(compareWithStamp(root, dist).state).toBe("current");
});

test.each(["frontend/main.ts", "shared/a.ts", "package-lock.json", "proto/gen/new.ts"])(
  "a change of %s makes it stale",
  (file) => {
    write(file, "changed");
    expect(compareWithStamp(root, dist).state).toBe("stale");
  },
);

test("new times with the same content do not, and are remembered", () => {
  utimesSync(path.join(root, "shared/a.ts"), 1, 1);
  const first = compareWithStamp(root, dist);
  expect(first.state).toBe("current");
  expect(compareWithStamp(root, dist)).toEqual(first);
});

test("tests are no part of it", () => {
  write("shared/a.test.ts", "x");
  expect(compareWithStamp(root, dist).state).toBe("current");
});

test.each(["", "{", "[]", "null"])("a damaged stamp (%j) counts as none", (text) => {
  write("frontend/.build-stamp.json", text);
  expect(compareWithStamp(root, dist).state).toBe("stale");
});

test("a build that is gone or was not finished is none", () => {
  rmSync(path.join(dist, ".manifest.json"));
  expect(compareWithStamp(root, dist).state).toBe("stale");
});

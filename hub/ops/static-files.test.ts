import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadStaticFiles } from "./static-files.ts";

test("without a frontend there is a page that says how to get it", () => {
  for (const directory of [null, "/nonexistent/frontend"]) {
    const page = loadStaticFiles(directory).find("/");
    expect(page?.content.toString()).toContain("<code>npm start</code>");
  }
});

test("a running hub keeps the build that it started with, whatever replaces it on disk", () => {
  const directory = mkdtempSync(join(tmpdir(), "leapmux-frontend-"));
  const build = (hash: string): void => {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(join(directory, "assets"), { recursive: true });
    writeFileSync(join(directory, "index.html"), `<script src="/assets/main-${hash}.js">`);
    writeFileSync(join(directory, "assets", `main-${hash}.js`), `script ${hash}`);
    writeFileSync(join(directory, "assets", `main-${hash}.js.gz`), `packed ${hash}`);
  };
  const read = (files: ReturnType<typeof loadStaticFiles>, path: string) => {
    const file = files.find(path);
    return file && [file.content, ...file.encoded.map((each) => each.content)].map(String);
  };

  build("AAAAAAAA");
  const running = loadStaticFiles(directory);
  build("BBBBBBBB");
  expect(read(running, "/w/wsp_1")).toEqual([`<script src="/assets/main-AAAAAAAA.js">`]);
  expect(read(running, "/assets/main-AAAAAAAA.js")).toEqual(["script AAAAAAAA", "packed AAAAAAAA"]);
  expect(read(running, "/assets/main-BBBBBBBB.js")).toBeNull();

  const next = loadStaticFiles(directory);
  expect(read(next, "/assets/main-BBBBBBBB.js")).toEqual(["script BBBBBBBB", "packed BBBBBBBB"]);
  expect(next.find("/")?.etag).not.toBe(running.find("/")?.etag);
  rmSync(directory, { recursive: true });
});

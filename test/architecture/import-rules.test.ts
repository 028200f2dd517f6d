import { describe, expect, test } from "vitest";
import { importRules } from "./import-rules.ts";
import { listSourceFiles, readImports } from "./source-files.ts";

const files = listSourceFiles().filter((file) => /\.(tsx?|cjs|mjs)$/.test(file));
const importsOf = new Map(files.map((file) => [file, readImports(file)]));

describe("who may import whom", () => {
  test.each(importRules.map((rule) => ({ rule, name: rule.name })))("$name", ({ rule }) => {
    const broken: string[] = [];
    for (const [file, imports] of importsOf) {
      if (!rule.from(file)) continue;
      for (const each of imports) {
        if (!rule.allowed(each, file)) broken.push(`${file} imports ${each.specifier}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test("every import between our files names a file that exists", () => {
    const known = new Set(files);
    const dangling: string[] = [];
    for (const [file, imports] of importsOf) {
      for (const each of imports) {
        if (each.file === undefined || !/\.(tsx?|cjs|mjs)$/.test(each.file)) continue;
        if (each.file.startsWith("proto/gen/")) continue;
        if (!known.has(each.file)) dangling.push(`${file} imports ${each.specifier}`);
      }
    }
    expect(dangling).toEqual([]);
  });

  test("the reader of imports finds every kind of import", () => {
    // The rules are worth what the reader finds: a known file with many kinds must give them all.
    const own = readImports("cli/main.ts").map((each) => each.specifier);
    expect(own).toEqual(expect.arrayContaining(["commander", "./output.ts", "./solo.ts"]));
    const worker = readImports("cli/leapmux.cjs").map((each) => each.specifier);
    expect(worker).toContain("node:path");
  });
});

import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  listProtoFiles,
  listSourceFiles,
  readImports,
  readSource,
  withoutComments,
} from "./source-files.ts";

const files = listSourceFiles();
const code = files.filter((file) => /\.(tsx?|cjs|mjs)$/.test(file));
const maxLines = 400;

describe("source conventions", () => {
  test("file and folder names are kebab-case", () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
    const odd = files.filter((file) => {
      const stems = file.split("/");
      stems.push((stems.pop() ?? "").replace(/(\.test|\.config|\.d)?\.[a-z]+$/, ""));
      // Generated clients take their name from the generator.
      return !stems.every((stem) => kebab.test(stem) || /^v\d+$/.test(stem));
    });
    expect(odd).toEqual([]);
  });

  test("no name says nothing: util, helper, common, misc, manager", () => {
    const empty = /(^|[-_/])(utils?|helpers?|common|misc|managers?)([-_/.]|$)/;
    const all = [...files, ...listProtoFiles()];
    expect(all).toContain("proto/leapmux/hub/v1/frame.proto");
    expect(all.filter((file) => empty.test(file))).toEqual([]);
  });

  test(`no file is longer than ${maxLines} lines`, () => {
    const long = files
      .map((file) => ({ file, lines: readSource(file).trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > maxLines);
    expect(long).toEqual([]);
  });

  test("the word session stands only where somebody else has coined it", () => {
    const bare = /(?<![\w-])sessions?(?![\w-])/i;
    // Node's HTTP/2 and POSIX call things so, and operators look for logins there; they are named in full.
    const coined = /POSIX sessions?|proc\(5\)|leapmux admin session/i;
    const found: string[] = [];
    for (const file of files) {
      const text = readSource(file);
      // This test and its like have to name what they forbid.
      if (file.startsWith("test/architecture/") || text.includes("node:http2")) continue;
      text.split("\n").forEach((line, index) => {
        if (bare.test(line) && !coined.test(line)) found.push(`${file}:${index + 1}`);
      });
    }
    expect(found).toEqual([]);
  });

  test("only config, tests and the launcher read the environment", () => {
    const allowed = (file: string) =>
      /(^|\/)config\//.test(file) ||
      file.startsWith("test/") ||
      /\.(test|config)\.ts$|\/test-[\w-]+(\.ts$|\/)/.test(file) ||
      file.endsWith(".cjs");
    const readers = code.filter(
      (file) => !allowed(file) && /\bprocess\.env\b/.test(withoutComments(readSource(file))),
    );
    expect(readers).toEqual([]);
  });

  test("only the command line prints and sets exit codes", () => {
    const prints = /\bconsole\.\w+\(|\bprocess\.exit(Code)?\b|\bprocess\.std(out|err)\b/;
    const printers = code.filter((file) => {
      const exempt =
        file.startsWith("cli/") || file.startsWith("test/") || file.endsWith(".test.ts");
      return !exempt && prints.test(withoutComments(readSource(file)));
    });
    expect(printers).toEqual([]);
  });

  test("shared has no clock and no randomness of its own", () => {
    const own =
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bgetRandomValues\(/;
    const users = code.filter((file) => {
      const ours = file.startsWith("shared/") && !file.endsWith(".test.ts");
      return ours && own.test(withoutComments(readSource(file)));
    });
    expect(users).toEqual([]);
  });

  test("imports of our own files name their ending", () => {
    const bare: string[] = [];
    for (const file of code) {
      for (const each of readImports(file)) {
        if (each.file === undefined || file.endsWith(".cjs")) continue;
        if (path.extname(each.specifier) === "") bare.push(`${file} imports ${each.specifier}`);
      }
    }
    expect(bare).toEqual([]);
  });

  test("tests never wait for a fixed time", () => {
    const sleeps = /\bsleep\(\s*\d|setTimeout\(\s*(?:resolve|done|r)\s*,\s*\d|\bwait\(\s*\d/;
    const sleepers = code.filter((file) => {
      return file.endsWith(".test.ts") && sleeps.test(withoutComments(readSource(file)));
    });
    expect(sleepers).toEqual([]);
  });
});

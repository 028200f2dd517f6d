// The documents are kept true by this file: paths they name exist, tables equal the code, and every
// promise of the threat model names a test that is there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { renewAdminCommands } from "@leapmux/cli/admin/describe-commands.ts";
import { renewSettingsTables } from "@leapmux/cli/config/describe-settings.ts";
import { closeReasons } from "@leapmux/shared/errors/close-reason.ts";
import { listSourceFiles, readSource, root } from "./source-files.ts";

const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
].filter((file) => existsSync(path.join(root, file)));

const topLevel = new Set(readdirSync(root));

describe("documents", () => {
  test("every path of ours that a document names exists", () => {
    const missing: string[] = [];
    for (const document of documents) {
      for (const [, quoted = ""] of read(document).matchAll(/`([^`\n]+)`/g)) {
        const named = quoted.replace(/[:#].*$/, "").replace(/\/$/, "");
        const [first = "", second] = named.split("/");
        // A path begins with a folder of ours and holds nothing but path characters.
        if (second === undefined || !topLevel.has(first)) continue;
        if (first === "node_modules" || !/^[\w./-]+$/.test(named)) continue;
        // What a build or a first start makes need not be there yet.
        if (
          named.startsWith("frontend/dist") ||
          /^(hub|worker)\/[\w-]+\.(db|json|key)$/.test(named)
        ) {
          continue;
        }
        // `hub/v1` is short for the folder of the protos.
        const candidates = [named, `${named}.ts`, `${named}.tsx`, `proto/leapmux/${named}`];
        if (!candidates.some((each) => existsSync(path.join(root, each)))) {
          missing.push(`${document}: ${quoted}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  test("every list of `leapmux admin` is named where its JSON is described", () => {
    const named = /\blist(?:Of|Command)\((?:TokenKind\.\w+, )?"(\w+)"/g;
    const lists = listSourceFiles()
      .filter((file) => file.startsWith("cli/admin/") && !file.endsWith(".test.ts"))
      .flatMap((file) => [...readSource(file).matchAll(named)].map(([, name]) => name));
    expect(lists.length).toBeGreaterThanOrEqual(8);
    const text = read("docs/administration.md");
    expect(lists.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test("the decisions are listed in their order", () => {
    const numbers = [...read("docs/adr/README.md").matchAll(/^\| \[(\d{4})\]/gm)].map(([, n]) => n);
    expect(numbers).toEqual(
      readdirSync(path.join(root, "docs/adr"))
        .filter((file) => file !== "README.md")
        .map((file) => file.slice(0, 4))
        .toSorted(),
    );
  });

  test("every relative link leads somewhere", () => {
    const dead: string[] = [];
    for (const document of documents) {
      for (const [, target = ""] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:|^#/.test(target)) continue;
        const file = path.join(root, path.dirname(document), target.replace(/#.*$/, ""));
        if (!existsSync(file)) dead.push(`${document}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test("the table of reasons names every end of a channel, once", () => {
    const [, section = ""] = read("docs/protocol.md").split("## How a channel ends");
    const rows = section.split("\n## ", 1).join("").split("\n");
    const named = rows
      .filter((row) => row.startsWith("| `"))
      .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)])
      .map(([, reason]) => reason);
    expect(named.sort()).toEqual([...closeReasons].sort());
  });

  test("no word of the glossary is explained twice", () => {
    const [glossary = ""] = read("docs/architecture.md").split("\n## The parts");
    const words = glossary
      .split("\n")
      .filter((row) => row.startsWith("| "))
      .flatMap((row) => (row.split("|")[1] ?? "").split(","))
      .map((word) => word.trim());
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  test("the settings tables equal the ones the commands use", () => {
    expect(read("docs/configuration.md")).toBe(renewSettingsTables(read("docs/configuration.md")));
  });

  test("the commands of admin are those that the program has", () => {
    const text = read("docs/administration.md");
    expect(text).toBe(renewAdminCommands(text));
  });

  test.runIf(existsSync(path.join(root, "docs/architecture.md")))(
    "the frame table names files that exist, in the order of the journey",
    () => {
      const text = read("docs/architecture.md");
      const table = /<!-- frame-table:begin -->([\s\S]*?)<!-- frame-table:end -->/.exec(text)?.[1];
      expect(table, "docs/architecture.md holds the table between its markers").toBeDefined();
      const rows = (table ?? "").split("\n").filter((line) => /^\|\s*\d+\s*\|/.test(line));
      expect(rows.length).toBeGreaterThanOrEqual(12);
      const known = new Set(listSourceFiles());
      rows.forEach((row, index) => {
        const [number, file] = row
          .split("|")
          .map((cell) => cell.trim())
          .slice(1);
        const named = (file ?? "").replaceAll("`", "");
        expect(number).toBe(String(index + 1));
        const exact = [named, `${named}.ts`, `${named}.tsx`].find((each) => known.has(each));
        expect(exact, `row ${number}: ${named} exists`).toBeDefined();
        // The file's main export is about what its name says: `seal-frame` has `makeFrameSealer`.
        const words = path
          .basename(named)
          .split("-")
          .map((word) => word.slice(0, 4));
        const exported = readSource(exact ?? "").match(/^export .*$/gm) ?? [];
        const names = exported.map((line) => line.toLowerCase());
        const main = names.find((name) => words.some((word) => name.includes(word)));
        expect(main, `an export of ${named} that bears its name`).toBeDefined();
      });
    },
  );

  test.runIf(existsSync(path.join(root, "docs/threat-model.md")))(
    "every row of the threat model names a test that exists",
    () => {
      const text = read("docs/threat-model.md");
      const table = /<!-- threat-rows:begin -->([\s\S]*?)<!-- threat-rows:end -->/.exec(text)?.[1];
      const rows = (table ?? "").split("\n").filter((line) => line.startsWith("|"));
      const [, , ...threats] = rows;
      expect(threats.length).toBeGreaterThan(10);
      for (const row of threats) {
        const proof = row.split("|").at(-2) ?? "";
        const named = [...proof.matchAll(/`((?:[\w-]+\/)+[\w.-]+\.test\.ts)`/g)];
        expect(named.length, row).toBeGreaterThan(0);
        for (const [, file = ""] of named) {
          expect(existsSync(path.join(root, file)), file).toBe(true);
        }
      }
    },
  );
});

// The sources as the architecture tests see them: every file of ours, and what each one imports.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

export const root = path.join(import.meta.dirname, "..", "..");

const parts = ["proto", "shared", "native", "hub", "worker", "frontend", "cli", "test"];
const sourceEndings = [".ts", ".tsx", ".cjs", ".mjs", ".css"];
const protoEndings = [".proto"];

/** Every source file of ours, relative to the root; generated code is not ours. */
export function listSourceFiles(): string[] {
  return listFiles(sourceEndings);
}

/** The interfaces, named as their linter wants it: with underscores. */
export function listProtoFiles(): string[] {
  return listFiles(protoEndings);
}

function listFiles(endings: readonly string[]): string[] {
  const files: string[] = [];
  const walk = (relative: string) => {
    for (const entry of readdirSync(path.join(root, relative), { withFileTypes: true })) {
      if (["node_modules", "dist", "gen"].includes(entry.name)) continue;
      if (entry.name.startsWith(".")) continue;
      const name = `${relative}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else if (endings.includes(path.extname(entry.name))) files.push(name);
    }
  };
  for (const part of parts) walk(part);
  return files.sort();
}

export function readSource(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

export interface Import {
  /** As written. */
  specifier: string;
  /** The file of ours that it names, relative to the root, or undefined for a package. */
  file: string | undefined;
  /** The package, `@scope/name` or `name`, `node:x` for built-in ones; undefined for a file of ours. */
  package: string | undefined;
  /** Erased before it runs. */
  typeOnly: boolean;
}

const importPattern =
  /(?:^|[\n;}])\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]*?\sfrom\s*)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']\s*\)|\bimport\.meta\.resolve\(\s*["']([^"'\n]+)["']|new URL\(\s*["'](\.[^"'\n]+)["'],\s*import\.meta\.url|\brequire\(\s*["']([^"'\n]+)["']\s*\)/g;

/** Static and dynamic imports, re-exports and workers by URL; comments do not count. */
export function readImports(file: string): Import[] {
  const text = withoutComments(readSource(file));
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const [, typeKeyword, ...places] = match;
    const specifier = places.find((each) => each !== undefined)?.split("?", 1)[0];
    // The address of a folder is no import.
    if (specifier === undefined || specifier.endsWith("/")) continue;
    const named = /\{([^}]*)\}/.exec(match[0])?.[1];
    const onlyTypeNames =
      named !== undefined &&
      !/^\s*(?:import|export)\s+\w/.test(match[0].replace(/^[\n;}]/, "")) &&
      named.split(",").every((each) => each.trim() === "" || each.trim().startsWith("type "));
    found.push({
      specifier,
      ...resolveImport(file, specifier),
      typeOnly: typeKeyword !== undefined || onlyTypeNames,
    });
  }
  return found;
}

/** Everything that is reachable from `entry` at run time, with the way to it. */
export function walkImports(entry: string): Map<string, string[]> {
  const ways = new Map<string, string[]>([[entry, [entry]]]);
  const queue = [entry];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const way = ways.get(file) ?? [];
    for (const each of readImports(file)) {
      const target = each.file ?? each.package;
      if (target === undefined || each.typeOnly || ways.has(target)) continue;
      ways.set(target, [...way, target]);
      if (each.file !== undefined && /\.tsx?$/.test(each.file)) queue.push(each.file);
    }
  }
  return ways;
}

function resolveImport(from: string, specifier: string): Pick<Import, "file" | "package"> {
  const exported = /^@leapmux\/(\w+)(?:\/(.+))?$/.exec(specifier);
  if (exported !== null) {
    const [, part = "", rest = ""] = exported;
    return {
      file: part === "proto" ? `proto/gen/leapmux/${rest}` : `${part}/${rest}`,
      package: undefined,
    };
  }
  if (specifier.startsWith(".") || specifier.startsWith("/")) {
    const target = path.posix.join(path.posix.dirname(from), specifier);
    const file = [target, `${target}.ts`, `${target}.tsx`].find(isFile) ?? target;
    return { file, package: undefined };
  }
  if (specifier.startsWith("node:")) return { file: undefined, package: specifier };
  const name = specifier.startsWith("@")
    ? specifier.split("/", 2).join("/")
    : specifier.split("/", 1)[0];
  return { file: undefined, package: name };
}

function isFile(file: string): boolean {
  return statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true;
}

/** Text in quotes is kept, so that `"https://…"` does not open a comment. */
export function withoutComments(text: string): string {
  return text.replaceAll(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, quoted: string | undefined) => quoted ?? " ",
  );
}

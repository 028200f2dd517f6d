// Whether the built frontend still belongs to its sources. The quick look compares names, sizes and
// times; only when that differs is the content read, because a fresh checkout changes times alone.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manifestFile } from "@leapmux/hub/ops/frontend-manifest.ts";

/** What the build is made from, relative to the repository. */
const sources = ["frontend", "shared", "proto/gen", "package-lock.json", "tsconfig.base.json"];
/** Beside the build and not in it: times and places differ between two builds, which must not. */
const stampFile = ".build-stamp.json";

export interface SourceState {
  state: "current" | "stale";
  /** Digest over names, sizes and times. */
  quick: string;
  /** Digest over names and contents. */
  content: string;
}

/** `distDir` is `frontend/dist` of that root. */
export function compareWithStamp(root: string, distDir: string): SourceState {
  // The manifest is what a build writes last.
  const stamp = existsSync(path.join(distDir, manifestFile)) ? readStamp(distDir) : undefined;
  const files = listSources(root);
  const quick = digest(files, (file) => {
    const { size, mtimeMs } = statSync(path.join(root, file));
    return `${size} ${mtimeMs}`;
  });
  if (stamp?.quick === quick) return { state: "current", ...stamp };
  const content = digest(files, (file) => readFileSync(path.join(root, file)));
  if (stamp?.content !== content) return { state: "stale", quick, content };
  // So that the next look is quick again; where that cannot be written it just is not.
  try {
    writeStamp(distDir, { quick, content });
  } catch {}
  return { state: "current", quick, content };
}

export function writeStamp(
  distDir: string,
  { quick, content }: { quick: string; content: string },
) {
  writeFileSync(path.join(path.dirname(distDir), stampFile), JSON.stringify({ quick, content }));
}

function readStamp(distDir: string): { quick: string; content: string } | undefined {
  try {
    const stamp: unknown = JSON.parse(
      readFileSync(path.join(path.dirname(distDir), stampFile), "utf8"),
    );
    const fine =
      typeof stamp === "object" && stamp !== null && "quick" in stamp && "content" in stamp;
    return fine ? { quick: String(stamp.quick), content: String(stamp.content) } : undefined;
  } catch {
    return undefined;
  }
}

function listSources(root: string): string[] {
  const files: string[] = [];
  const walk = (relative: string) => {
    for (const entry of readdirSync(path.join(root, relative), { withFileTypes: true })) {
      const name = `${relative}/${entry.name}`;
      if (["dist", "node_modules"].includes(entry.name) || entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) walk(name);
      else if (!entry.name.endsWith(".test.ts")) files.push(name);
    }
  };
  for (const source of sources) {
    const found = statSync(path.join(root, source), { throwIfNoEntry: false });
    if (found?.isDirectory() === true) walk(source);
    else if (found !== undefined) files.push(source);
  }
  return files.sort();
}

function digest(files: string[], describe: (file: string) => string | Uint8Array): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(describe(file)).update("\0");
  return hash.digest("hex");
}

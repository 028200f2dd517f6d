// `leapmux version`: version · commit · Node. The commit is known in a checkout only.
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Output } from "./output.ts";

const root = path.join(import.meta.dirname, "..");

export function runVersion(output: Output): void {
  output.print(versionLine());
}

function versionLine(): string {
  const commit = readCommit();
  const parts = [`leapmux ${readVersion()}`, `node ${process.versions.node}`];
  if (commit !== undefined) parts.splice(1, 0, `commit ${commit.slice(0, 12)}`);
  return parts.join(" · ");
}

export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known ? String(manifest.version) : "unknown";
}

/** Follows HEAD by hand: git need not be installed where LeapMux runs. */
function readCommit(): string | undefined {
  try {
    const head = readFileSync(path.join(root, ".git", "HEAD"), "utf8").trim();
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    return ref === undefined ? head : readRef(ref);
  } catch {
    return undefined;
  }
}

function readRef(ref: string): string | undefined {
  try {
    return readFileSync(path.join(root, ".git", ref), "utf8").trim();
  } catch {
    const packed = readFileSync(path.join(root, ".git", "packed-refs"), "utf8");
    return packed
      .split("\n")
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(" ", 1)[0];
  }
}

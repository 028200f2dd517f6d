/** What a frontend is built from, in a folder of its own: a second checkout with its own node_modules. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const sources = ["frontend", "shared", "proto"];

export function copyFrontend(to: string): void {
  mkdirSync(join(to, "node_modules/@leapmux"), { recursive: true });
  for (const file of ["package-lock.json", "tsconfig.base.json"]) {
    copyFileSync(join(root, file), join(to, file));
  }
  const isSource = (file: string): boolean => !/\/(dist|node_modules|\.dist-[^/]*)$/.test(file);
  for (const part of sources) {
    cpSync(join(root, part), join(to, part), { recursive: true, filter: isSource });
    symlinkSync(`../../${part}`, join(to, "node_modules/@leapmux", part));
  }
  for (const name of packagesOf(sources)) {
    cpSync(join(root, "node_modules", name), join(to, "node_modules", name), { recursive: true });
  }
}

/** Every package of node_modules that the parts need, and what those need. */
function packagesOf(parts: readonly string[]): Set<string> {
  const found = new Set<string>();
  const queue = parts.map((part) => join(root, part));
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
      "dependencies" | "optionalDependencies" | "peerDependencies",
      Record<string, string> | undefined
    >;
    const names = Object.keys({
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    });
    for (const name of names) {
      const place = join(root, "node_modules", name);
      // Of another platform, or one of ours.
      if (name.startsWith("@leapmux/") || found.has(name) || !existsSync(place)) continue;
      found.add(name);
      queue.push(place);
    }
  }
  return found;
}

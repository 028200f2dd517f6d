import { stat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";

export type ChosenDirectory =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: "not_absolute" | "not_a_directory" };

const maxPathLength = 4096;

/** Where a shell starts: absolute, `~` or `~/…`; empty is home. It must be there and be a directory. */
export async function chooseDirectory(wanted: string, home: string): Promise<ChosenDirectory> {
  const expanded = wanted === "" || wanted === "~" ? home : expandHome(wanted, home);
  if (!isAbsolute(expanded) || expanded.includes("\0") || expanded.length > maxPathLength) {
    return { ok: false, reason: "not_absolute" };
  }
  const path = normalize(expanded);
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ? { ok: true, path } : { ok: false, reason: "not_a_directory" };
}

function expandHome(path: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : path;
}

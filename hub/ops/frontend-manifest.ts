import { createHash } from "node:crypto";

/**
 * Every file that a frontend consists of, with size and SHA-256, and one hash over all of it. The build
 * writes it, a hub tells its hash, `leapmux verify` compares with it. The text is the same wherever the
 * files are, and its hash is what `sha256sum` says of it. Files that lie ready compressed are in it too.
 */
export interface FrontendManifest {
  readonly entries: readonly ManifestEntry[];
  /** JSON, one file a line, sorted by path. */
  readonly text: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
}

export interface ManifestEntry {
  /** Below the root of the frontend: "index.html", "assets/index-B2x.js.br". */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

/** Where a build keeps it, in the folder of its files; never served. */
export const manifestFile = ".manifest.json";

export function makeFrontendManifest(
  files: Iterable<readonly [path: string, content: Uint8Array]>,
): FrontendManifest {
  const entries = [...files]
    .map(([path, content]) => ({ path, size: content.length, sha256: sha256(content) }))
    // By code unit, so that no locale has a say.
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  const text = `{\n  "format": 1,\n  "files": [\n${lines}\n  ]\n}\n`;
  return { entries, text, hash: sha256(text) };
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

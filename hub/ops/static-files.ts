import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { extname, join, relative } from "node:path";

/**
 * The frontend's files. The directory is read once into a map of the paths that exist; a request is looked
 * up there and nowhere else, so no path from outside ever reaches the file system.
 */
export interface StaticFiles {
  /** Null: there is no such file, and no page of ours either. */
  find(path: string): StaticFile | null;
}

export interface StaticFile {
  readonly contentType: string;
  /** Named by the hash of its contents: never changes. */
  readonly isImmutable: boolean;
  /** Encodings that lie ready beside it. */
  readonly encodings: readonly ("br" | "gzip")[];
  read(
    encoding: "br" | "gzip" | null,
  ): Promise<{ readonly content: Buffer; readonly etag: string }>;
}

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json",
};

/** Pages of the frontend's own router: /, /w/<workspace>, /w/<workspace>/t/<tab>. All are index.html. */
const pageForm = /^\/(?:w\/[\w-]{1,64}(?:\/t\/[\w-]{1,64})?\/?)?$/;

const suffixes = { br: ".br", gzip: ".gz" } as const;

export function loadStaticFiles(directory: string | null): StaticFiles {
  const names = directory === null ? [] : listFiles(directory);
  const known = new Set(names);
  const files = new Map<string, StaticFile>();
  for (const name of names) {
    const contentType = contentTypes[extname(name)];
    if (directory === null || contentType === undefined) continue;
    files.set(`/${name}`, {
      contentType,
      isImmutable: /^assets\/.*[-.][\w-]{8,}\.\w+$/.test(name),
      encodings: (["br", "gzip"] as const).filter((encoding) =>
        known.has(name + suffixes[encoding]),
      ),
      read: (encoding) =>
        readWithTag(join(directory, name) + (encoding === null ? "" : suffixes[encoding])),
    });
  }
  const index = files.get("/index.html") ?? unbuilt;
  return {
    find: (path) => (pageForm.test(path) ? index : (files.get(path) ?? null)),
  };
}

function listFiles(directory: string): string[] {
  let entries;
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
  // Links are left out: what they lead to may lie elsewhere.
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

async function readWithTag(file: string): Promise<{ content: Buffer; etag: string }> {
  const handle = await open(file);
  try {
    const { mtimeMs, size } = await handle.stat();
    const etag = `"${Math.round(mtimeMs).toString(36)}-${size.toString(36)}"`;
    return { content: await handle.readFile(), etag };
  } finally {
    await handle.close();
  }
}

const unbuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>LeapMux</title>
<style>body{font:16px/1.5 system-ui;max-width:34rem;margin:4rem auto;padding:0 1rem}code{background:#8882;padding:.1em .3em}</style>
<h1>The frontend is not built yet</h1>
<p>The hub is running. Build its page with <code>npm run build</code> in the project's folder, start the hub again, then reload this page.</p>
</html>
`;

const unbuilt: StaticFile = {
  contentType: "text/html; charset=utf-8",
  isImmutable: false,
  encodings: [],
  read: () => Promise.resolve({ content: Buffer.from(unbuiltPage), etag: '"unbuilt"' }),
};

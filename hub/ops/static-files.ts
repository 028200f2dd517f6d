import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { makeFrontendManifest, type FrontendManifest } from "./frontend-manifest.ts";

/**
 * The frontend's files, held in memory: about 2 MB. A hub goes on serving the build that it started with,
 * page and assets of one kind, whatever is built meanwhile; and no path from outside ever reaches the file
 * system.
 */
export interface StaticFiles {
  /** Null: there is no such file, and no page of ours either. */
  find(path: string): StaticFile | null;
  /** Of what is really served, made from it and not read from anywhere. Null where there is no frontend. */
  readonly manifest: FrontendManifest | null;
}

export interface StaticFile {
  readonly contentType: string;
  /** Named by the hash of its contents: never changes. */
  readonly isImmutable: boolean;
  readonly etag: string;
  readonly content: Buffer;
  /** Encodings that lay ready beside it, the best first. */
  readonly encoded: readonly {
    readonly encoding: string;
    readonly suffix: string;
    readonly content: Buffer;
  }[];
}

/** The type under which a file is served; undefined: it is not. */
export function contentTypeOf(name: string): string | undefined {
  return contentTypes[extname(name)];
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

/**
 * Pages of the frontend's own router: /, /w/<workspace>, /w/<workspace>/t/<tab>, and the doors of logins, whose
 * tokens stand behind the # and never come here. All are index.html.
 */
const pageForm = /^\/(?:(?:w\/[\w-]{1,64}(?:\/t\/[\w-]{1,64})?|setup|invite|cli|sign-in)\/?)?$/;

/** What may lie ready beside a file, the best first. */
export const encodings = [
  { encoding: "br", suffix: ".br" },
  { encoding: "gzip", suffix: ".gz" },
];

export function loadStaticFiles(directory: string | null): StaticFiles {
  const names = directory === null ? [] : listFiles(directory);
  const known = new Set(names);
  const files = new Map<string, StaticFile>();
  for (const name of names) {
    const contentType = contentTypeOf(name);
    if (directory === null || contentType === undefined) continue;
    files.set(`/${name}`, {
      contentType,
      isImmutable: /^assets\/.*[-.][\w-]{8,}\.\w+$/.test(name),
      ...tagged(readFileSync(join(directory, name))),
      encoded: encodings
        .filter(({ suffix }) => known.has(name + suffix))
        .map(({ encoding, suffix }) => ({
          encoding,
          suffix,
          content: readFileSync(join(directory, name + suffix)),
        })),
    });
  }
  const index = files.get("/index.html") ?? unbuilt;
  return {
    manifest: files.size === 0 ? null : makeFrontendManifest(listServed(files)),
    find: (path) => (pageForm.test(path) ? index : (files.get(path) ?? null)),
  };
}

function* listServed(files: ReadonlyMap<string, StaticFile>): Generator<[string, Buffer]> {
  for (const [path, { content, encoded }] of files) {
    const name = path.slice(1);
    yield [name, content];
    for (const { suffix, content: packed } of encoded) yield [name + suffix, packed];
  }
}

function listFiles(directory: string): string[] {
  let entries;
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch {
    return [];
  }
  // Links are left out: what they lead to may lie elsewhere.
  return (
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
      // The build's own notes.
      .filter((name) => !/(^|[\\/])\./.test(name))
  );
}

function tagged(content: Buffer): Pick<StaticFile, "content" | "etag"> {
  const digest = createHash("sha256").update(content).digest("base64url");
  return { content, etag: `"${digest.slice(0, 22)}"` };
}

// Styles in attributes: the policy knows no style element.
const unbuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>LeapMux</title>
<body style="font:16px/1.5 system-ui;max-width:34rem;margin:4rem auto;padding:0 1rem">
<h1>The frontend is not built yet</h1>
<p>The hub is running without its page. Stop it, start it again with <code>npm start</code> in the project's folder, which builds the page first, then reload this one.</p>
</html>
`;

const unbuilt: StaticFile = {
  contentType: "text/html; charset=utf-8",
  isImmutable: false,
  ...tagged(Buffer.from(unbuiltPage)),
  encoded: [],
};

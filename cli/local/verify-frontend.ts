// Whether a hub serves the frontend of this package and nothing else: each file in each encoding, every
// address of a page, and the headers that decide what a browser does with them. What the hub says about
// itself is repeated, never believed.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliDecompress, gunzip } from "node:zlib";
import type { FrontendManifest, ManifestEntry } from "@leapmux/hub/ops/frontend-manifest.ts";
import { contentTypeOf, encodings } from "@leapmux/hub/ops/static-files.ts";
import { checkHeaders } from "./check-headers.ts";
import type { FetchBounded, Fetched } from "./fetch-bounded.ts";

export interface Problem {
  /** As a browser asks for it. */
  readonly path: string;
  readonly kind: "differs" | "missing" | "unreachable" | "redirects" | "header" | "extra";
  readonly detail: string;
}

export interface Verification {
  readonly checked: number;
  readonly problems: readonly Problem[];
}

const fileTimeoutMs = 30_000;
const parallel = 6;
/** Of a page that differs, to look for what it loads. */
const maxPageBytes = 256 * 1024;

/** Addresses that a browser may be sent to; each is the same page, or is not there at all. */
const pagePaths = [
  "/",
  "/index.html",
  `/w/wsp_${"A".repeat(22)}/t/tab_${"A".repeat(22)}`,
  "/setup",
  "/invite",
  "/cli",
];

export async function verifyFrontend(options: {
  readonly hub: string;
  readonly manifest: FrontendManifest;
  readonly fetch: FetchBounded;
  readonly signal: AbortSignal;
}): Promise<Verification> {
  const { hub, manifest, fetch, signal } = options;
  const { host } = new URL(hub);
  const byPath = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  const index = byPath.get("index.html");
  if (index === undefined) throw new Error("a frontend has an index.html");

  const get = (path: string, maxBytes: number, encoding = "identity"): Promise<Fetched> => {
    const headers = { "accept-encoding": encoding };
    return fetch(new URL(path, hub), { headers, maxBytes, timeoutMs: fileTimeoutMs, signal });
  };

  async function checkFile(entry: ManifestEntry): Promise<Problem[]> {
    const packed = encodings.find(({ suffix }) => entry.path.endsWith(suffix));
    const plain = byPath.get(packed ? entry.path.slice(0, -packed.suffix.length) : entry.path);
    if (plain === undefined) throw new Error("what is compressed lies beside what it is made from");
    const path = `/${plain.path}`;
    const answer = await get(path, plain.size, packed?.encoding);
    return await judge(answer, { path, plain, encoding: packed?.encoding, packed: entry });
  }

  async function checkPage(path: string, entry: ManifestEntry): Promise<Problem[]> {
    const answer = await get(path, maxPageBytes);
    const isHtml = answer.kind === "answer" && /html|xml/i.test(typeOf(answer));
    // Not every version knows every address; what is no page cannot run anything.
    const mayMiss = path !== "/" && path !== "/index.html";
    if (mayMiss && answer.kind === "answer" && answer.status === 404 && !isHtml) return [];
    const problems = await judge(answer, { path, plain: entry, encoding: undefined });
    const extra = isHtml ? findExtra(answer, byPath) : [];
    return [...problems, ...extra.map((each) => ({ ...each, path }))];
  }

  async function judge(
    answer: Fetched,
    expected: {
      path: string;
      plain: ManifestEntry;
      encoding: string | undefined;
      packed?: ManifestEntry;
    },
  ): Promise<Problem[]> {
    const { path, plain } = expected;
    const problem = (kind: Problem["kind"], detail: string): Problem => ({ path, kind, detail });
    if (answer.kind === "failed") return [problem("unreachable", answer.why)];
    const { status, headers } = answer;
    if (status >= 300 && status < 400) return [problem("redirects", `status ${status}`)];
    if (status !== 200) return [problem("missing", `status ${status}`)];
    const wrong = checkHeaders(headers, { host, contentType: contentTypeOf(plain.path) ?? "" });
    const problems = wrong.map((detail) => problem("header", detail));
    if (!(await isSame(answer, expected))) {
      const how = expected.encoding === undefined ? "" : ` as ${expected.encoding}`;
      problems.push(problem("differs", `other content${how}`));
    }
    return problems;
  }

  const tasks = [
    ...pagePaths.map((path) => () => checkPage(path, index)),
    ...manifest.entries.map((entry) => () => checkFile(entry)),
  ];
  const problems: Problem[] = [];
  const queue = tasks.values();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const task of queue) problems.push(...(await task()));
    }),
  );
  // One sentence for each, in the same order whoever was faster.
  const unique = new Map(
    problems.map((each) => [`${each.path}\0${each.kind}\0${each.detail}`, each]),
  );
  const sorted = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { checked: tasks.length, problems: sorted };
}

/**
 * Byte for byte, or, where a server in between has compressed by itself, byte for byte once it is decoded:
 * that is what a browser runs.
 */
async function isSame(
  answer: Extract<Fetched, { kind: "answer" }>,
  {
    plain,
    encoding,
    packed,
  }: { plain: ManifestEntry; encoding: string | undefined; packed?: ManifestEntry },
): Promise<boolean> {
  const applied = answer.headers["content-encoding"] ?? "identity";
  if (answer.isTooLarge) return false;
  if (applied === "identity") return sha256(answer.body) === plain.sha256;
  if (applied !== encoding) return false;
  if (packed !== undefined && sha256(answer.body) === packed.sha256) return true;
  const decode = encoding === "br" ? promisify(brotliDecompress) : promisify(gunzip);
  // A small answer may stand for gigabytes.
  const decoded = await decode(answer.body, { maxOutputLength: plain.size + 1 }).catch(() => null);
  return decoded !== null && sha256(decoded) === plain.sha256;
}

/** What a page loads that is not of this package. */
function findExtra(
  answer: Fetched,
  known: ReadonlyMap<string, ManifestEntry>,
): Pick<Problem, "kind" | "detail">[] {
  if (answer.kind !== "answer") return [];
  const text = answer.body.toString("utf8");
  const found = new Set<string>();
  for (const [, quoted, bare] of text.matchAll(
    /<[^>]{0,2000}?\b(?:src|href)\s*=\s*(?:["']([^"']{0,500})["']|([^\s"'>]{1,500}))/gi,
  )) {
    const target = quoted ?? bare ?? "";
    if (!known.has(target.replace(/^\//, "").replace(/[?#].*$/, ""))) found.add(target);
  }
  const isFine = (target: string): boolean => target === "/" || target.startsWith("#");
  return [...found]
    .filter((target) => !isFine(target))
    .slice(0, 20)
    .map((target) => ({ kind: "extra", detail: `it loads ${printable(target)}` }));
}

function typeOf({ headers }: Extract<Fetched, { kind: "answer" }>): string {
  return headers["content-type"] ?? "text/html";
}

function printable(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "\ufffd");
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** `leapmux verify` against a real hub, and against servers that change one thing each. */
import { brotliCompressSync, constants } from "node:zlib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { loadStaticFiles, type StaticFile } from "@leapmux/hub/ops/static-files.ts";
import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { startFakeHub, type FakeHub, type Seen } from "../harness/fake-hub.ts";
import { startHub } from "../harness/start-hub.ts";
import { runLeapmux } from "./run-leapmux.ts";

const shared = cleanupAfterFile();
const dist = join(import.meta.dirname, "../../frontend/dist");
const files = loadStaticFiles(dist);
const script =
  files.manifest?.entries.map(({ path }) => path).find((path) => path.endsWith(".js")) ?? "";

/** Fast, and with other bytes than the build has. */
const compress = (content: Buffer): Buffer =>
  brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });

let hub: FakeHub;
beforeAll(async () => {
  hub = await startFakeHub(shared);
});

interface Report {
  ok: boolean;
  checked: number;
  local: { hash: string };
  claims: { version?: string; hash?: string };
  problems: { path: string; kind: string; detail: string }[];
}

async function verify(url: string): Promise<Report & { code: number | null }> {
  const { code, stdout, stderr } = await runLeapmux(cleanupAfterTest(), ["verify", url, "--json"]);
  expect(stderr.replaceAll(/^\{"level":"info".*\n/gm, "")).toBe("");
  return { code, ...(JSON.parse(stdout) as Report) };
}

/** Serves the files as a hub does, but for what `change` answers itself. */
function serve(change: (seen: Seen, response: ServerResponse) => boolean): void {
  hub.respond((seen, response) => {
    for (const [name, value] of Object.entries(securityHeaders(`127.0.0.1:${hub.port}`, "ws"))) {
      response.setHeader(name, value);
    }
    if (change(seen, response)) return;
    const file = files.find(seen.path);
    if (file === null) return void response.writeHead(404, { "content-type": "text/plain" }).end();
    send(seen, response, file);
  });
}

function send(seen: Seen, response: ServerResponse, file: StaticFile): void {
  const packed = file.encoded.find((each) => each.encoding === seen.headers["accept-encoding"]);
  response.setHeader("content-type", file.contentType);
  if (packed) response.setHeader("content-encoding", packed.encoding);
  response.end((packed ?? file).content);
}

test("a hub of this package is found to be right, and tells the same hash itself", async () => {
  const real = await startHub(cleanupAfterTest(), { frontendDir: dist });
  const report = await verify(real.url);
  expect(report).toMatchObject({ code: 0, ok: true, problems: [] });
  expect(report.local.hash).toBe(files.manifest?.hash);
  expect(report.claims).toEqual({ version: "0.0.0-test", hash: files.manifest?.hash });
  expect(report.checked).toBeGreaterThan(files.manifest?.entries.length ?? Infinity);
  const stored = readFileSync(join(dist, ".manifest.json"), "utf8");
  expect(stored).toBe(files.manifest?.text);
});

describe("fine too", () => {
  test("a server in front that compresses by itself, or not at all", async () => {
    serve((seen, response) => {
      const file = files.find(seen.path);
      if (file === null || file.encoded.length === 0) return false;
      response.setHeader("content-type", file.contentType);
      if (seen.headers["accept-encoding"] !== "br") return response.end(file.content) !== undefined;
      response.setHeader("content-encoding", "br");
      return response.end(compress(file.content)) !== undefined;
    });
    expect(await verify(hub.url)).toMatchObject({ code: 0, problems: [], claims: {} });
  });
});

describe("found", () => {
  const otherScript = (seen: Seen): boolean => seen.path === `/${script}`;
  const cases: [string, (seen: Seen, response: ServerResponse) => boolean, object[]][] = [
    [
      "one byte of one script, in one encoding",
      (seen, response) => {
        if (!otherScript(seen) || seen.headers["accept-encoding"] !== "br") return false;
        const content = Buffer.from(files.find(seen.path)?.content ?? "");
        content[content.length - 2] = 0x20;
        response.setHeader("content-type", "text/javascript; charset=utf-8");
        response.setHeader("content-encoding", "br");
        response.end(compress(content));
        return true;
      },
      [{ path: `/${script}`, kind: "differs", detail: "other content as br" }],
    ],
    [
      "a script that is gone",
      (seen, response) => {
        if (!otherScript(seen)) return false;
        response.writeHead(404).end();
        return true;
      },
      [{ path: `/${script}`, kind: "missing", detail: "status 404" }],
    ],
    [
      "a redirect, which is not followed",
      (seen, response) => {
        if (!otherScript(seen)) return false;
        response.writeHead(302, { location: `${hub.url}/elsewhere.js` }).end();
        return true;
      },
      [{ path: `/${script}`, kind: "redirects", detail: "status 302" }],
    ],
    [
      "a page of its own at an address that people are sent to",
      (seen, response) => {
        if (seen.path !== "/invite") return false;
        response.writeHead(404, { "content-type": "text/html; charset=utf-8" });
        response.end('<script src="/thief.js"></script>');
        return true;
      },
      [
        { path: "/invite", kind: "extra", detail: "it loads /thief.js" },
        { path: "/invite", kind: "missing", detail: "status 404" },
      ],
    ],
    [
      "a policy that allows more",
      (seen, response) => {
        if (!otherScript(seen)) return false;
        response.setHeader("content-security-policy", "default-src 'self' 'unsafe-eval'");
        return false;
      },
      [{ path: `/${script}`, kind: "header", detail: "the policy allows more in default-src" }],
    ],
    [
      "a script of another type, and a header that loads more",
      (seen, response) => {
        if (!otherScript(seen)) return false;
        response.setHeader("content-type", "text/html");
        response.setHeader("link", "</more.css>; rel=stylesheet");
        response.end(files.find(seen.path)?.content);
        return true;
      },
      [
        { path: `/${script}`, kind: "header", detail: "another content type" },
        { path: `/${script}`, kind: "header", detail: "there is a link header" },
      ],
    ],
  ];
  test.each(cases)("%s", async (_name, change, problems) => {
    serve(change);
    const report = await verify(hub.url);
    expect(report.problems).toEqual(problems);
    expect(report).toMatchObject({ code: 1, ok: false });
    expect(hub.seen.some(({ path }) => path === "/elsewhere.js")).toBe(false);
  });
});

test("a page with one more script is named, steering characters are not repeated", async () => {
  serve((seen, response) => {
    const isPage = seen.path === "/";
    if (!isPage) return false;
    const page = files.find("/")?.content.toString("utf8") ?? "";
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(page.replace("</head>", '<script src="/evil\u001b[2J.js"></script></head>'));
    return true;
  });
  const { code, stdout } = await runLeapmux(cleanupAfterTest(), ["verify", hub.url]);
  expect(code).toBe(1);
  expect(stdout).toContain("extra: / (it loads /evil\ufffd[2J.js)");
  expect(stdout).toContain("differs: / (other content)");
  expect(stdout).toContain(`leapmux open ${hub.url}`);
  expect(stdout).not.toContain("\u001b");
});

test("floods and bombs end where they are larger than the file; a hub that is away is named", async () => {
  // 64 MiB in a few dozen bytes.
  const bomb = compress(Buffer.alloc(64 * 1024 * 1024));
  serve((seen, response) => {
    if (seen.path !== `/${script}`) return false;
    response.on("error", () => undefined);
    response.setHeader("content-type", "text/javascript; charset=utf-8");
    if (seen.headers["accept-encoding"] === "br") {
      response.setHeader("content-encoding", "br");
      response.end(bomb);
    } else {
      const flood = Buffer.alloc(64 * 1024, "x");
      const more = (): void => {
        while (!response.destroyed && response.write(flood));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    }
    return true;
  });
  const { code, problems } = await verify(hub.url);
  expect(code).toBe(1);
  expect(problems.map(({ path, kind }) => ({ path, kind }))).toEqual(
    problems.map(() => ({ path: `/${script}`, kind: "differs" })),
  );
  expect(problems.length).toBeGreaterThanOrEqual(2);
  const away = await runLeapmux(cleanupAfterTest(), ["verify", "http://127.0.0.1:9"]);
  expect(away).toMatchObject({ code: 1, stdout: "" });
  expect(away.stderr).toMatch(/cannot be reached: ECONNREFUSED/);
});

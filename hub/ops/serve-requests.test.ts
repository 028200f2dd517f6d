import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { requestRaw } from "../test-support/raw-socket.ts";
import { startHub } from "../test-support/start-hub.ts";

let url: string;
let host: string;
let stop: () => Promise<void>;
let parent: string;

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "leapmux-frontend-"));
  const frontendDir = join(parent, "dist");
  mkdirSync(join(frontendDir, "assets"), { recursive: true });
  writeFileSync(join(parent, "secret.txt"), "secret");
  writeFileSync(join(frontendDir, "index.html"), "<title>page</title>");
  writeFileSync(join(frontendDir, "assets", "main-Ab3dE6gH.js"), "script");
  writeFileSync(join(frontendDir, "assets", "main-Ab3dE6gH.js.br"), brotliCompressSync("script"));
  writeFileSync(join(frontendDir, "robots.txt"), "robots");
  writeFileSync(join(frontendDir, ".stamp.json"), "{}");
  symlinkSync(join(parent, "secret.txt"), join(frontendDir, "link.txt"));
  ({ url, stop } = await startHub({ frontendDir }));
  ({ host } = new URL(url));
});
afterAll(async () => {
  await stop();
  rmSync(parent, { recursive: true, force: true });
});

const call = "/leapmux.hub.v1.SystemService/GetSystemInfo";
const post = (headers: Record<string, string>, body = "{}") =>
  fetch(url + call, { method: "POST", headers, body });
const proper = { "content-type": "application/json", "connect-protocol-version": "1" };

test("the page, at every path of its own router", async () => {
  for (const path of [
    "/",
    "/w/wsp_1",
    "/w/wsp_1/t/tab_2",
    "/w/wsp_1/",
    "/setup",
    "/invite",
    "/cli/",
    "/?x=1",
    "/index.html",
  ]) {
    const response = await fetch(url + path);
    expect(await response.text(), path).toBe("<title>page</title>");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  }
});

test("files: types, tags, encodings and how long they keep", async () => {
  const path = `${url}/assets/main-Ab3dE6gH.js`;
  const script = await fetch(path, { headers: { "accept-encoding": "gzip, br" } });
  expect(await script.text()).toBe("script");
  expect(Object.fromEntries(script.headers)).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "content-encoding": "br",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
  });
  const etag = script.headers.get("etag") ?? "";
  const again = await fetch(path, {
    headers: { "accept-encoding": "br", "if-none-match": etag },
  });
  expect(again.status).toBe(304);
  const plain = await fetch(path, { headers: { "accept-encoding": "identity" } });
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(plain.headers.get("etag")).not.toBe(etag);
  const head = await fetch(`${url}/robots.txt`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
    200,
    "6",
    "",
  ]);
});

test("no path leads out of the frontend's files", async () => {
  for (const path of [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/..%5c..%5csecret.txt",
    "//secret.txt",
    "/.stamp.json",
    "/robots.txt%00.js",
    "/link.txt",
    "/assets",
    "/assets/",
    "/w/../secret.txt",
    "/w/a/t/b/c",
    "/.env",
    "/__proto__",
    "/constructor",
  ]) {
    const answer = await requestRaw(url, `GET ${path} HTTP/1.1\nhost: ${host}`);
    expect(answer, path).toMatch(/^HTTP\/1.1 404 /);
    expect(answer, path).not.toContain("secret\n");
  }
});

test("every answer bears the headers that keep others out", async () => {
  for (const path of ["/", "/healthz", "/nothing", "/assets/main-Ab3dE6gH.js"]) {
    const { headers } = await fetch(url + path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    expect(policy).toContain(`connect-src 'self' ws://${host};`);
    expect(policy).not.toContain("unsafe-eval");
    expect(policy).toContain("style-src 'self'; style-src-attr 'unsafe-inline';");
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  }
});

test("health without details, and nothing else but reading", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await fetch(url + path);
    expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
  }
  expect((await fetch(`${url}/`, { method: "POST" })).status).toBe(405);
  expect((await fetch(`${url}/`, { method: "OPTIONS" })).status).toBe(405);
  expect((await fetch(`${url}/link`)).status).toBe(426);
});

test("wrong hosts and origins are refused on each way in", async () => {
  const wrong = ["evil.example", `evil.example:${new URL(url).port}`, "localhost"];
  for (const other of wrong) {
    for (const line of ["GET / HTTP/1.1", "GET /healthz HTTP/1.1", `POST ${call} HTTP/1.1`]) {
      expect(await requestRaw(url, `${line}\nhost: ${other}`)).toMatch(/^HTTP\/1.1 421 /);
    }
  }
  expect(await requestRaw(url, "GET / HTTP/1.1")).toMatch(/^HTTP\/1.1 400 /);
  expect(await requestRaw(url, "GET / HTTP/1.0")).toMatch(/^HTTP\/1.1 421 /);
  expect((await post({ ...proper, origin: "http://evil.example" })).status).toBe(403);
  expect((await post({ ...proper, origin: "null" })).status).toBe(403);
  expect((await post({ ...proper, origin: url })).status).toBe(200);
  expect((await post({ ...proper, "sec-fetch-site": "cross-site" })).status).toBe(403);

  const session = connectHttp2(url);
  const status = (headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":path": "/healthz", ...headers });
      stream.once("response", (answer) => resolve(answer[":status"]));
      stream.once("error", reject);
      stream.resume();
    });
  expect(await status({ ":authority": host })).toBe(200);
  expect(await status({ ":authority": "evil.example" })).toBe(421);
  expect(await status({ ":authority": host, host: "evil.example" })).toBe(421);
  expect(await status({ ":authority": host, origin: "http://evil.example" })).toBe(403);
  session.destroy();
});

test("links are opened by our own pages only", async () => {
  const dial = (options: object, path = "/link") =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${host}${path}`, options);
      socket.once("unexpected-response", (_request, response) => {
        resolve(response.statusCode);
        response.destroy();
      });
      socket.once("error", () => undefined);
      socket.once("open", () => {
        resolve("open");
        socket.terminate();
      });
    });
  expect(await dial({ origin: url })).toBe("open");
  expect(await dial({})).toBe(403);
  expect(await dial({ origin: "http://evil.example" })).toBe(403);
  expect(await dial({ origin: "null" })).toBe(403);
  expect(await dial({ origin: url, headers: { host: "evil.example" } })).toBe(421);
  expect(await dial({ origin: url, headers: { "sec-fetch-site": "cross-site" } })).toBe(403);
  expect(await dial({ origin: url }, "/other")).toBe(404);
});

test("a call cannot be made by what a foreign page may send unasked", async () => {
  expect((await post({ "content-type": "text/plain" })).status).toBe(415);
  expect((await post({ "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
  const bare = await post({ "content-type": "application/json" });
  expect([bare.status, await bare.text()]).toEqual([
    400,
    expect.stringContaining("Connect-Protocol-Version") as unknown,
  ]);
  const query = "?connect=v1&encoding=json&message=%7B%7D";
  expect((await fetch(url + call + query)).status).toBe(405);
  expect((await post(proper)).status).toBe(200);
});

test("a body larger than any control call is refused", async () => {
  const response = await post(proper, JSON.stringify({ x: "y".repeat(70_000) }));
  expect(response.status).toBe(429);
});

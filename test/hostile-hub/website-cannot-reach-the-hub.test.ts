/**
 * Solo answers everybody who reaches its port, so what a page of another site can make a browser send
 * must go unanswered: wrong Host (DNS rebinding), foreign Origin, cross-site WebSocket, plain forms.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { rawRequest, rawSocket, rawUpgrade } from "../harness/raw-http.ts";
import { startHub, type StartedHub } from "../harness/start-hub.ts";
import { connectClient, type TestClient } from "../harness/test-client.ts";

const cleanup = cleanupAfterFile();
let system: StartedHub;
let client: TestClient;
let own: { host: string; origin: string };
beforeAll(async () => {
  system = await startHub(cleanup);
  client = await connectClient(cleanup, system.url);
  own = { host: `127.0.0.1:${system.port}`, origin: system.url };
});

const create = "/leapmux.hub.v1.WorkspaceService/CreateWorkspace";
const list = "/leapmux.hub.v1.WorkspaceService/ListWorkspaces";
const json = { "content-type": "application/json", "connect-protocol-version": "1" };

const titles = async (): Promise<string[]> =>
  (await client.workspaces.listWorkspaces({})).workspaces.map(({ title }) => title);

test("the same requests from the hub's own page are answered", async () => {
  const answer = await rawRequest(system.port, {
    method: "POST",
    path: create,
    headers: { ...own, ...json },
    body: '{"title":"mine"}',
  });
  expect(answer.status).toBe(200);
  expect(await titles()).toContain("mine");
  expect(await rawUpgrade(system.port, "/link", own)).toBe(101);
});

describe("DNS rebinding: another Host", () => {
  const hosts = [
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "localhost.evil.example",
    "[::ffff:6666:6666]",
    "127.0.0.1:1",
  ];
  test.each(hosts)("%j", async (host) => {
    const headers = { ...json, host };
    for (const path of ["/", "/index.html", "/healthz/../"]) {
      const page = await rawRequest(system.port, { path, headers: { host } });
      expect(page.status, path).toBeGreaterThanOrEqual(400);
      expect(page.body).not.toContain("<script");
    }
    const call = await rawRequest(system.port, {
      method: "POST",
      path: create,
      headers,
      body: '{"title":"rebound"}',
    });
    expect(call.status).toBeGreaterThanOrEqual(400);
    expect(await titles()).not.toContain("rebound");
    expect(await rawUpgrade(system.port, "/link", { host })).toBeGreaterThanOrEqual(400);
  });
});

test.each([
  "GET / HTTP/1.1\r\nHost:\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
])("no name at all, or one in the request line: %j", async (text) => {
  const raw = await rawSocket(cleanup, system.port);
  raw.socket.end(text);
  await raw.closed;
  expect(raw.received().toString()).toMatch(/^(HTTP\/1\.1 4\d\d|$)/);
});

describe("a page of another origin", () => {
  const origins = [
    "http://evil.example",
    "https://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://127.0.0.1",
    "http://localhost.evil.example",
    "file://",
    "",
    "http://127.0.0.1:80.evil.example",
  ];
  test.each(origins)("%j", async (origin) => {
    const headers = { ...json, host: own.host, origin };
    const call = await rawRequest(system.port, {
      method: "POST",
      path: create,
      headers,
      body: '{"title":"cross"}',
    });
    expect(call.status).toBeGreaterThanOrEqual(400);
    const preflight = await rawRequest(system.port, {
      method: "OPTIONS",
      path: create,
      headers: {
        host: own.host,
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    for (const answer of [call, preflight]) {
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect(await titles()).not.toContain("cross");
    const upgrade = await rawUpgrade(system.port, "/link", { host: own.host, origin });
    expect(upgrade).toBeGreaterThanOrEqual(400);
  });

  test("the right origin under another scheme or port is another origin", async () => {
    for (const origin of [`https://${own.host}`, `${system.url}0`, `${system.url}@evil.example`]) {
      const upgrade = await rawUpgrade(system.port, "/link", { host: own.host, origin });
      expect(upgrade, origin).toBeGreaterThanOrEqual(400);
    }
  });
});

describe("what a plain form can send", () => {
  const types = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; application/json",
    "",
  ];
  test.each(types)("%j, with and without an Origin", async (type) => {
    for (const origin of [undefined, own.origin]) {
      const answer = await rawRequest(system.port, {
        method: "POST",
        path: create,
        headers: {
          host: own.host,
          ...(type === "" ? {} : { "content-type": type }),
          ...(origin === undefined ? {} : { origin }),
        },
        body: '{"title":"form"}',
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect(await titles()).not.toContain("form");
  });

  test("a link or an image cannot call anything", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const query = `?encoding=json&message=${encodeURIComponent('{"title":"get"}')}&connect=v1`;
      const answer = await rawRequest(system.port, {
        path: `${create}${query}`,
        headers: { host: own.host, "sec-fetch-site": site },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect(await titles()).not.toContain("get");
  });

  test("a cross-site fetch without an Origin is known by its Sec-Fetch-Site", async () => {
    const answer = await rawRequest(system.port, {
      method: "POST",
      path: list,
      headers: { host: own.host, ...json, "sec-fetch-site": "cross-site" },
      body: "{}",
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

test("pages are protected against framing, sniffing and foreign script", async () => {
  const page = await rawRequest(system.port, { headers: { host: own.host } });
  const policy = String(page.headers["content-security-policy"]);
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy).toContain(part);
  }
  expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
  expect(page.headers["x-content-type-options"]).toBe("nosniff");
  expect(page.headers["referrer-policy"]).toMatch(/no-referrer|same-origin/);
  expect(page.headers["cross-origin-opener-policy"]).toBe("same-origin");
  for (const path of ["/healthz", "/readyz"]) {
    const health = await rawRequest(system.port, { path, headers: { host: own.host } });
    expect(health.status).toBe(200);
    expect(health.body.length).toBeLessThan(32);
  }
});

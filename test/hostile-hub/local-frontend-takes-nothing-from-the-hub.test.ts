/**
 * Behind `leapmux open` stands a hub that has turned hostile. Whatever it answers, the browser sees the
 * frontend of this package, messages and refusals, and nothing that could run, lead elsewhere or stay.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { GetSystemInfoResponseSchema } from "@leapmux/proto/hub/v1/system_pb.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { sendError, sendMessage, startFakeHub, type FakeHub } from "../harness/fake-hub.ts";
import { rawRequest, rawUpgrade, type RawAnswer } from "../harness/raw-http.ts";
import {
  dist,
  loginToken,
  startLocalFrontend,
  type StartedLocalFrontend,
} from "../harness/start-local-frontend.ts";
import { until } from "../harness/until.ts";

const shared = cleanupAfterFile();
let hub: FakeHub;
let local: StartedLocalFrontend;
let own: { host: string; origin: string; cookie: string };
beforeAll(async () => {
  hub = await startFakeHub(shared);
  local = await startLocalFrontend(shared, hub.url);
  own = await local.letIn();
});

const path = "/leapmux.hub.v1.SystemService/GetSystemInfo";
const proto = { "content-type": "application/proto", "connect-protocol-version": "1" };
const call = (headers: Record<string, string> = {}): Promise<RawAnswer> =>
  rawRequest(local.port, { method: "POST", path, headers: { ...own, ...proto, ...headers } });

test("a call goes to the hub with the login and without anything of the browser", async () => {
  hub.respond((_seen, response) => {
    response.setHeader("set-cookie", "evil=1");
    response.setHeader("location", "http://evil.example/");
    response.setHeader("x-more", "yes");
    response.setHeader("content-security-policy", "script-src *");
    sendMessage(response, GetSystemInfoResponseSchema, { version: "9" });
  });
  const answer = await call({
    "user-agent": "browser",
    authorization: "Bearer of-the-page",
    referer: "http://x/",
    te: "trailers",
    "x-forwarded-for": "1.2.3.4",
    "connect-timeout-ms": "1234",
  });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/proto");
  for (const name of ["set-cookie", "location", "x-more"]) {
    expect(answer.headers[name]).toBeUndefined();
  }
  expect(answer.headers["content-security-policy"]).toContain("script-src 'self';");
  const sent = hub.seen.at(-1)?.headers ?? {};
  expect(sent).toEqual({
    host: `127.0.0.1:${hub.port}`,
    authorization: `Bearer ${loginToken}`,
    "user-agent": "leapmux/0.0.0-test",
    "content-type": "application/proto",
    "connect-protocol-version": "1",
    "connect-timeout-ms": "1234",
    "accept-encoding": "identity",
    connection: "keep-alive",
    "content-length": "0",
  });
});

test("a refusal of the hub reaches the page as it is", async () => {
  hub.respond((_seen, response) => sendError(response, 401, "unauthenticated"));
  const answer = await call();
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "unauthenticated" });
});

describe("what is no answer to a call is not passed on", () => {
  const answers: [string, (response: ServerResponse) => void][] = [
    ["a page", (to) => to.writeHead(200, { "content-type": "text/html" }).end("<script>1")],
    ["a script", (to) => to.writeHead(200, { "content-type": "text/javascript" }).end("evil()")],
    ["a page as an error", (to) => to.writeHead(500, { "content-type": "text/html" }).end("<b>")],
    ["no type", (to) => to.writeHead(200).end("evil()")],
    [
      "another type than asked for",
      (to) => to.setHeader("content-type", "application/json").end("{}"),
    ],
    ["a redirect", (to) => to.writeHead(302, { location: "http://evil.example/" }).end()],
    ["a redirect that keeps the method", (to) => to.writeHead(307, { location: "/x" }).end()],
    ["nothing at all", (to) => void to.destroy()],
    [
      "a compressed answer",
      (to) => to.writeHead(200, { ...proto, "content-encoding": "gzip" }).end("evil()"),
    ],
    [
      "a length beyond the bound",
      (to) => to.writeHead(200, { ...proto, "content-length": "999999999" }).end("evil()"),
    ],
  ];
  test.each(answers)("%s", async (_name, respond) => {
    hub.respond((_seen, response) => void respond(response));
    const answer = await call();
    expect(answer.status).toBe(502);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.headers.location).toBeUndefined();
    expect(answer.body).not.toMatch(/evil|script|<b>/);
  });

  test("an endless answer is cut, and never read faster than the browser reads", async () => {
    let written = 0;
    let isEnded = false;
    hub.respond((_seen, response) => {
      response.writeHead(200, { "content-type": "application/proto" });
      response.on("error", () => undefined);
      response.on("close", () => (isEnded = true));
      const more = (): void => {
        const chunk = Buffer.alloc(64 * 1024);
        let wants = true;
        while (wants && !response.destroyed) {
          written += chunk.length;
          wants = response.write(chunk);
        }
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await expect(call()).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    await until(() => isEnded, "the hub's side to end");
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });
});

test("only calls that the page knows reach the hub, and files never come from it", async () => {
  hub.respond((_seen, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("of the hub"),
  );
  const before = hub.seen.length;
  const paths = [
    "/leapmux.hub.v1.LoginService/LogIn",
    "/leapmux.hub.v1.LoginService/SetUp",
    "/leapmux.hub.v1.WorkerRegistrationService/Register",
    "/leapmux.hub.v1.WorkerLinkService/Link",
    "/leapmux.hub.v1.SystemService/GetSystemInfo/",
    "//leapmux.hub.v1.SystemService/GetSystemInfo",
    "/leapmux.hub.v1.SystemService/../x",
    "/admin",
    "/metrics",
  ];
  for (const each of paths) {
    const post = await rawRequest(local.port, {
      method: "POST",
      path: each,
      headers: { ...own, ...proto },
    });
    expect(post.status, each).toBe(405);
    const get = await rawRequest(local.port, { path: each, headers: own });
    expect(get.status, each).toBe(404);
  }
  expect((await rawRequest(local.port, { path, headers: own })).status).toBe(405);
  const page = await rawRequest(local.port, { headers: own });
  const index = readFileSync(join(dist, "index.html"), "utf8");
  const meta = `<meta name="leapmux-local" content="${hub.url}" />`;
  expect(page.body).toBe(index.replace("<head>", `<head>${meta}`));
  expect(hub.seen.length).toBe(before);
});

test("what is no call of a page, or too large, is refused here", async () => {
  hub.respond((_seen, response) => sendMessage(response, GetSystemInfoResponseSchema, {}));
  const before = hub.seen.length;
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/grpc", ""]) {
    expect((await call({ "content-type": type })).status).toBe(415);
  }
  expect((await call({ "connect-protocol-version": "" })).status).toBe(415);
  const large = await rawRequest(local.port, {
    method: "POST",
    path,
    headers: { ...own, ...proto, "content-length": String(2 * 1024 * 1024) },
    body: Buffer.alloc(2 * 1024 * 1024),
  }).catch(() => ({ status: 413 }));
  expect(large.status).toBe(413);
  expect(hub.seen.length).toBe(before);
});

describe("the link", () => {
  const accept = (key: string): string =>
    createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const head = (lines: string[]): string =>
    `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
  const right = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept(key)}`,
  ];

  test("carries the login and the hub's own address, and nothing of the browser", async () => {
    hub.upgrade((_request, socket) => void socket.write(head([...right, "Set-Cookie: evil=1"])));
    const status = await rawUpgrade(local.port, "/link", {
      ...own,
      "sec-websocket-extensions": "permessage-deflate",
      "sec-websocket-protocol": "x",
    });
    expect(status).toBe(101);
    expect(hub.seen.at(-1)?.headers).toEqual({
      host: `127.0.0.1:${hub.port}`,
      origin: hub.url,
      authorization: `Bearer ${loginToken}`,
      "user-agent": "leapmux/0.0.0-test",
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": key,
      "sec-websocket-version": "13",
    });
  });

  test.each<[string, string]>([
    ["a page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<b>"],
    [
      "a redirect",
      "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
    ],
    ["another protocol", head(["Upgrade: evil", "Connection: Upgrade", right[2] ?? ""])],
    ["a wrong key", head([...right.slice(0, 2), "Sec-WebSocket-Accept: AAAA"])],
    ["an extension", head([...right, "Sec-WebSocket-Extensions: permessage-deflate"])],
    ["a subprotocol", head([...right, "Sec-WebSocket-Protocol: x"])],
    ["no HTTP", "evil\r\n\r\n"],
  ])("is refused where the hub answers %s", async (_name, answer) => {
    hub.upgrade((_request, socket) => void socket.end(answer));
    expect(await rawUpgrade(local.port, "/link", own)).toBe(502);
  });

  test("says that the login is refused", async () => {
    hub.upgrade((_request, socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    });
    expect(await rawUpgrade(local.port, "/link", own)).toBe(401);
  });

  test("stops reading the hub while the browser reads nothing, and ends with either side", async () => {
    const cleanup = cleanupAfterTest();
    let written = 0;
    let isOpen = false;
    hub.upgrade((request, socket) => {
      isOpen = true;
      socket.on("close", () => (isOpen = false));
      const theirs = request.headers["sec-websocket-key"] ?? "";
      socket.write(head([...right.slice(0, 2), `Sec-WebSocket-Accept: ${accept(theirs)}`]));
      // A binary frame of 60,000 bytes, unmasked as a server sends it.
      const frame = Buffer.concat([Buffer.from([0x82, 126, 0xea, 0x60]), Buffer.alloc(60_000)]);
      const more = (): void => {
        while (!socket.destroyed && socket.write(frame)) written += frame.length;
        if (!socket.destroyed) socket.once("drain", more);
      };
      more();
    });
    const browser = new WebSocket(`ws://127.0.0.1:${local.port}/link`, {
      headers: own,
      perMessageDeflate: false,
    });
    cleanup.add(() => browser.terminate());
    await new Promise((resolve) => browser.once("open", resolve));
    browser.pause();
    // The hub comes to a stop by itself: twice the same count, with other work in between.
    let last = -1;
    await until(async () => {
      const isStill = written === last;
      last = written;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      await rawRequest(local.port, { path: "/enter", headers: own });
      return isStill;
    }, "the hub to wait for the browser");
    expect(written).toBeLessThan(64 * 1024 * 1024);
    browser.terminate();
    await until(() => !isOpen, "the hub's side to end");
  });
});

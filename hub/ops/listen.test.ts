import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { connectRaw, type RawSocket } from "../test-support/raw-socket.ts";
import { startHub } from "../test-support/start-hub.ts";

// Real sockets and real time, with deadlines short enough to wait for; what is asserted is that the hub
// closes, not when.
const short = {
  firstBytesTimeoutMs: 60,
  requestTimeoutMs: 120,
  connectionCheckIntervalMs: 20,
  idleConnectionTimeoutMs: 80,
  http2PingMs: 60_000,
};

/** For tests of honest clients: no deadline that a busy machine could miss. */
const patient = {
  firstBytesTimeoutMs: 20_000,
  requestTimeoutMs: 20_000,
  idleConnectionTimeoutMs: 60_000,
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(limits = {}, frontendDir = ""): Promise<string> {
  const { url, stop } = await startHub({ limits: { ...short, ...limits }, frontendDir });
  cleanups.push(stop);
  return url;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** SETTINGS, empty; and the first half of a HEADERS frame. */
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const halfHeaders = Buffer.from([0, 0, 50, 1, 5, 0, 0, 0, 1, 0x82]);

const postWithBody = {
  ":method": "POST",
  ":path": "/leapmux.hub.v1.SystemService/GetSystemInfo",
  "content-type": "application/proto",
  "connect-protocol-version": "1",
};

const lazy: Record<string, (raw: RawSocket, host: string) => void> = {
  "says nothing": () => undefined,
  "stops within the HTTP/2 preface": (raw) => raw.write(preface.slice(0, 12)),
  "sends the HTTP/2 preface byte by byte": (raw) => raw.trickle(preface),
  "stops after the HTTP/2 preface": (raw) => raw.write(preface),
  "stops after its settings": (raw) => raw.write(Buffer.concat([Buffer.from(preface), settings])),
  "never finishes its first HTTP/2 header": (raw) =>
    raw.write(Buffer.concat([Buffer.from(preface), settings, halfHeaders])),
  "stops within the request line": (raw) => raw.write("GET /he"),
  "sends its head byte by byte": (raw, host) =>
    raw.trickle(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n${"x: y\r\n".repeat(500)}\r\n`),
  "sends its body byte by byte": (raw, host) => {
    raw.write(
      `POST /leapmux.hub.v1.SystemService/GetSystemInfo HTTP/1.1\r\nhost: ${host}\r\n` +
        "content-type: application/json\r\nconnect-protocol-version: 1\r\ncontent-length: 9999\r\n\r\n",
    );
    raw.trickle("{".repeat(9_999));
  },
  "keeps an idle connection": (raw, host) =>
    raw.write(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`),
};

test.each(Object.keys(lazy))("a client that %s is timed out", async (name) => {
  const url = await start();
  const raw = await connectRaw(url);
  lazy[name]?.(raw, new URL(url).host);
  await raw.closed;
});

test("a hub full of clients that say nothing serves those who speak", async () => {
  const url = await start(patient);
  const silent = await Promise.all(Array.from({ length: 50 }, () => connectRaw(url)));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  for (const { socket } of silent) socket.destroy();
});

test("an idle HTTP/2 connection and a body that does not come are timed out", async () => {
  const url = await start({ firstBytesTimeoutMs: 20_000 });
  const session = connectHttp2(url);
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  session.on("error", () => undefined);
  const stream = session.request({ ...postWithBody, "content-length": "10" });
  stream.on("error", () => undefined);
  await new Promise<void>((resolve) => stream.once("close", resolve));
  await closed;
});

test("a refused HTTP/2 stream is not kept open by a body that goes on", async () => {
  const url = await start(patient);
  const session = connectHttp2(url);
  cleanups.push(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": "/leapmux.hub.v1.WorkerLinkService/Link",
    "content-type": "application/grpc+proto",
  });
  let trailers: Record<string, unknown> = {};
  stream.on("trailers", (sent: Record<string, unknown>) => (trailers = sent));
  stream.resume();
  await new Promise<void>((resolve) => stream.once("close", resolve));
  expect(trailers["grpc-status"]).toBe("16");
});

test("an HTTP/2 connection whose peer no longer answers is given up", async () => {
  const url = await start({ ...patient, http2PingMs: 40 });
  const raw = await connectRaw(url);
  raw.write(Buffer.concat([Buffer.from(preface), settings]));
  await raw.closed;
});

/** A page that is more than the buffers of two sockets hold. */
const largePage = Buffer.alloc(32 * 1024 * 1024, " ");

async function startWithLargePage(limits: Record<string, number>): Promise<string> {
  const frontendDir = mkdtempSync(join(tmpdir(), "leapmux-frontend-"));
  cleanups.push(() => rmSync(frontendDir, { recursive: true, force: true }));
  writeFileSync(join(frontendDir, "index.html"), largePage);
  return start(limits, frontendDir);
}

test.each(["HTTP/1", "HTTP/2"])(
  "an %s client that reads no answer is given up",
  async (version) => {
    const url = await startWithLargePage({ maxConnections: 1, openingTimeoutMs: 200 });
    if (version === "HTTP/1") {
      const { socket, write } = await connectRaw(url);
      cleanups.push(() => socket.destroy());
      socket.pause();
      write(`GET / HTTP/1.1\r\nhost: ${new URL(url).host}\r\n\r\n`);
    } else {
      const session = connectHttp2(url);
      cleanups.push(() => session.destroy());
      session.on("error", () => undefined);
      session.request({ ":path": "/" }).on("error", () => undefined);
      await new Promise<void>((resolve) => session.once("connect", () => resolve()));
    }
    // The one place is taken until then.
    await vi.waitUntil(async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok, 20_000);
  },
);

test("an HTTP/2 answer may take longer than a request is given to arrive", async () => {
  const url = await startWithLargePage({ ...patient, requestTimeoutMs: 20 });
  const session = connectHttp2(url);
  cleanups.push(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  // One that began later and has to arrive first shows when the time is over.
  const late = session.request({ ...postWithBody, "content-length": "10" });
  late.on("error", () => undefined);
  await new Promise<void>((resolve) => late.once("close", resolve));
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(largePage.length);
});

test("a slow but honest client is served, whatever the pieces", async () => {
  const url = await start(patient);
  const raw = await connectRaw(url);
  raw.trickle(`GET /healthz HTTP/1.1\r\nhost: ${new URL(url).host}\r\nconnection: close\r\n\r\n`);
  expect(await raw.closed).toMatch(/^HTTP\/1.1 200 OK[^]*ok\n$/);
});

test("HTTP/1 methods that begin like the preface are HTTP/1", async () => {
  const url = await start(patient);
  for (const method of ["PUT", "POST", "PROPFIND", "PRI"]) {
    const raw = await connectRaw(url);
    raw.write(`${method} /x HTTP/1.1\r\nhost: ${new URL(url).host}\r\nconnection: close\r\n\r\n`);
    expect(await raw.closed).toMatch(/^HTTP\/1.1 40[05] /);
  }
});

test("connections beyond the bound are dropped", async () => {
  const url = await start({ ...patient, maxConnections: 2 });
  const first = await connectRaw(url);
  const second = await connectRaw(url);
  const third = await connectRaw(url);
  expect(await third.closed).toBe("");
  first.write(`GET /healthz HTTP/1.1\r\nhost: ${new URL(url).host}\r\nconnection: close\r\n\r\n`);
  expect(await first.closed).toContain("200 OK");
  second.socket.destroy();
});

/** Sockets that say nothing, too little or half: dropped after their deadline, while others are served. */
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { rawSocket, type RawSocket } from "../harness/raw-http.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
let system: System;
let host: string;
beforeAll(async () => {
  system = await startSystem(cleanup, {
    limits: {
      firstBytesTimeoutMs: 300,
      requestTimeoutMs: 600,
      idleConnectionTimeoutMs: 600,
      connectionCheckIntervalMs: 100,
      clientPingMs: 200,
      heartbeatCheckMs: 100,
      heartbeatIdleMs: 300,
      workerDeadMs: 2_000,
    },
    workerLimits: { heartbeatCheckMs: 100, heartbeatIdleMs: 300 },
  });
  host = `127.0.0.1:${system.port}`;
});

const upgrade = (): string =>
  `GET /link HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const post = (): string =>
  `POST /leapmux.hub.v1.WorkspaceService/ListWorkspaces HTTP/1.1\r\nHost: ${host}\r\n` +
  "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n";

/** Sends one byte at a time for ever, as long as the other side takes it. */
function trickle(raw: RawSocket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (raw.isClosed()) clearInterval(timer);
    else raw.socket.write(text[at++ % text.length] ?? " ");
  }, 20);
  raw.socket.on("close", () => clearInterval(timer));
}

const behaviours: readonly [string, (raw: RawSocket) => void][] = [
  ["says nothing", () => undefined],
  ["says one byte", (raw) => void raw.socket.write("G")],
  ["says half of the HTTP/2 preface", (raw) => void raw.socket.write(preface.slice(0, 12))],
  ["says the HTTP/2 preface and no more", (raw) => void raw.socket.write(preface)],
  ["says the request line byte by byte", (raw) => trickle(raw, `GET /${"a".repeat(4000)}`)],
  [
    "sends headers without end",
    (raw) => {
      raw.socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n`);
      trickle(raw, "X-More: 1\r\n");
    },
  ],
  ["announces a body that never comes", (raw) => void raw.socket.write(post())],
  [
    "sends a body byte by byte",
    (raw) => {
      raw.socket.write(post());
      trickle(raw, " ");
    },
  ],
  [
    "asks once and stays",
    (raw) => void raw.socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ],
  [
    "sends the HTTP/2 preface byte by byte and then nonsense",
    (raw) => trickle(raw, `${preface}nonsense`),
  ],
  ["opens a link and never answers a ping", (raw) => void raw.socket.write(upgrade())],
  [
    "opens a link and sends half a frame",
    (raw) => {
      raw.socket.write(upgrade());
      raw.socket.write(Uint8Array.of(0x82, 0xfe, 0x10));
    },
  ],
  [
    "half-closes at once",
    (raw) => {
      raw.socket.write("GET / HT");
      raw.socket.end();
    },
  ],
];

describe("a client that", () => {
  test.concurrent.each(behaviours)("%s", async (_name, behave) => {
    const raw = await rawSocket(cleanup, system.port);
    behave(raw);
    await within(raw.closed, "the hub to drop it");
  });
});

test("many of them at once leave everybody else alone", async () => {
  const own = cleanupAfterTest();
  const client = await connectClient(own, system.url);
  const { view } = await openShell(await client.channel());
  const raws = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      rawSocket(own, system.port).then((raw) => {
        behaviours[index % behaviours.length]?.[1](raw);
        return raw;
      }),
    ),
  );
  await settle(view);
  const late = await connectClient(own, system.url);
  expect((await late.workspaces.listWorkspaces({})).workspaces).toBeDefined();
  await Promise.all(raws.map((raw) => within(raw.closed, "the hub to drop all of them")));
  await settle(view);
});

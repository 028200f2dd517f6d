/**
 * A hub that lies: a man in the middle between a client (Node or browser) and the real hub, at the level
 * of control calls and frames. It passes everything on faithfully until a test sets a hook.
 */
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import {
  create,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  GetWorkerHandshakeParamsResponseSchema,
  OpenChannelRequestSchema,
  OpenChannelResponseSchema,
  type GetWorkerHandshakeParamsResponse,
  type OpenChannelRequest,
  type OpenChannelResponse,
} from "@leapmux/proto/hub/v1/channel_pb.ts";
import {
  ClientLinkDownSchema,
  ClientLinkUpSchema,
  type ClientLinkDown,
  type ClientLinkUp,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { WebSocket, WebSocketServer } from "ws";
import type { Cleanup } from "./make-cleanup.ts";

/** Each gets what passes and answers what goes on instead; an empty list drops. */
export interface RelayHooks {
  upFrame?: ((frame: Frame) => readonly Frame[]) | undefined;
  downFrame?: ((frame: Frame) => readonly Frame[]) | undefined;
  handshakeParams?: ((params: GetWorkerHandshakeParamsResponse) => void) | undefined;
  openRequest?: ((request: OpenChannelRequest) => void) | undefined;
  openResponse?: ((response: OpenChannelResponse) => void) | undefined;
  /** Answers in the hub's and the worker's place. */
  answerOpen?: ((request: OpenChannelRequest) => Promise<Uint8Array>) | undefined;
}

export interface HostileRelay {
  readonly url: string;
  readonly port: number;
  readonly hooks: RelayHooks;
  /** Puts frames on the newest link, as if the other side had sent them. */
  injectUp(...frames: readonly Frame[]): void;
  injectDown(...frames: readonly Frame[]): void;
  cutLinks(): void;
}

export async function startHostileRelay(cleanup: Cleanup, hubUrl: string): Promise<HostileRelay> {
  const hooks: RelayHooks = {};
  const links = new Set<{ client: WebSocket; hub: WebSocket }>();
  let newest: { client: WebSocket; hub: WebSocket } | undefined;
  let url = "";

  const server = createServer((request, response) => {
    void (async () => {
      const body = changeRequest(hooks, request, await buffer(request));
      if (hooks.answerOpen !== undefined && request.url?.endsWith("ChannelService/OpenChannel")) {
        const opened = fromBinary(OpenChannelRequestSchema, body);
        const message2 = await hooks.answerOpen(opened);
        response.writeHead(200, { "content-type": "application/proto" });
        response.end(
          toBinary(OpenChannelResponseSchema, create(OpenChannelResponseSchema, { message2 })),
        );
        return;
      }
      const upstream = httpRequest(`${hubUrl}${request.url ?? "/"}`, {
        method: request.method ?? "GET",
        headers: { ...headersForHub(request, url, hubUrl), "content-length": body.length },
      });
      upstream.end(body);
      const [answer] = (await once(upstream, "response")) as [IncomingMessage];
      const changed = changeResponse(hooks, request, answer, await buffer(answer));
      const headers = { ...answer.headers, "content-length": changed.length };
      delete headers["transfer-encoding" as keyof typeof headers];
      response.writeHead(answer.statusCode ?? 502, headers);
      response.end(changed);
    })().catch(() => response.destroy());
  });

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    const hub = new WebSocket(`${hubUrl.replace(/^http/, "ws")}${request.url ?? ""}`, {
      perMessageDeflate: false,
      headers: { origin: hubUrl },
    });
    hub.on("error", () => socket.destroy());
    hub.once("open", () => {
      hub.pause();
      sockets.handleUpgrade(request, socket, head, (client) => {
        const link = { client, hub };
        links.add(link);
        newest = link;
        const end = (): void => {
          links.delete(link);
          client.close();
          hub.close();
        };
        client.on("close", end).on("error", end);
        hub.on("close", end).on("error", end);
        client.on("message", (data: Buffer) => hub.send(changeUp(hooks, data)));
        hub.on("message", (data: Buffer) => client.send(changeDown(hooks, data)));
        hub.resume();
      });
    });
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}`;

  const cutLinks = (): void => {
    for (const { client, hub } of links) {
      client.terminate();
      hub.terminate();
    }
  };
  cleanup.add(() => {
    cutLinks();
    server.close();
    server.closeAllConnections();
  });
  return {
    url,
    port: address.port,
    hooks,
    injectUp: (...frames) => newest?.hub.send(encodeUp(frames)),
    injectDown: (...frames) => newest?.client.send(encodeDown(frames)),
    cutLinks,
  };
}

function changeUp(hooks: RelayHooks, data: Uint8Array): Uint8Array {
  const message: ClientLinkUp = fromBinary(ClientLinkUpSchema, data);
  if (message.body.case !== "frames" || hooks.upFrame === undefined) return data;
  return encodeUp(message.body.value.frames.flatMap(hooks.upFrame));
}

function changeDown(hooks: RelayHooks, data: Uint8Array): Uint8Array {
  const message: ClientLinkDown = fromBinary(ClientLinkDownSchema, data);
  if (message.body.case !== "frames" || hooks.downFrame === undefined) return data;
  return encodeDown(message.body.value.frames.flatMap(hooks.downFrame));
}

function encodeUp(frames: readonly Frame[]): Uint8Array {
  const value = { frames: frames.map((frame) => ({ ...frame })) };
  return toBinary(
    ClientLinkUpSchema,
    create(ClientLinkUpSchema, { body: { case: "frames", value } }),
  );
}

function encodeDown(frames: readonly Frame[]): Uint8Array {
  const value = { frames: frames.map((frame) => ({ ...frame })) };
  return toBinary(
    ClientLinkDownSchema,
    create(ClientLinkDownSchema, { body: { case: "frames", value } }),
  );
}

function changeRequest(hooks: RelayHooks, request: IncomingMessage, body: Buffer): Buffer {
  if (!request.url?.endsWith("ChannelService/OpenChannel")) return body;
  return change(OpenChannelRequestSchema, request, body, hooks.openRequest);
}

function changeResponse(
  hooks: RelayHooks,
  request: IncomingMessage,
  answer: IncomingMessage,
  body: Buffer,
): Buffer {
  if (answer.statusCode !== 200) return body;
  if (request.url?.endsWith("ChannelService/OpenChannel")) {
    return change(OpenChannelResponseSchema, answer, body, hooks.openResponse);
  }
  if (request.url?.includes("ChannelService/GetWorkerHandshakeParams")) {
    return change(GetWorkerHandshakeParamsResponseSchema, answer, body, hooks.handshakeParams);
  }
  return body;
}

function change<Desc extends DescMessage>(
  schema: Desc,
  carrier: IncomingMessage,
  body: Buffer,
  hook: ((message: MessageShape<Desc>) => void) | undefined,
): Buffer {
  if (hook === undefined) return body;
  const isJson = carrier.headers["content-type"]?.includes("json") === true;
  const message = isJson ? fromJsonString(schema, body.toString()) : fromBinary(schema, body);
  hook(message);
  return isJson
    ? Buffer.from(toJsonString(schema, message))
    : Buffer.from(toBinary(schema, message));
}

function headersForHub(
  request: IncomingMessage,
  own: string,
  hub: string,
): IncomingMessage["headers"] {
  const headers = { ...request.headers, host: new URL(hub).host };
  delete headers["accept-encoding"];
  delete headers["transfer-encoding"];
  delete headers.connection;
  if (headers.origin === own) headers.origin = hub;
  if (headers.referer !== undefined) headers.referer = headers.referer.replace(own, hub);
  return headers;
}

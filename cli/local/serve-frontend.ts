import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { makeSourceRules, type RequestPurpose } from "@leapmux/hub/ops/check-request-source.ts";
import type { LogRefusal } from "@leapmux/hub/ops/log-refusals.ts";
import { readRequestSource } from "@leapmux/hub/ops/read-request-source.ts";
import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";
import { sendFile, sendText } from "@leapmux/hub/ops/send-file.ts";
import type { StaticFile, StaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { makeBoundedStream } from "./bounded-stream.ts";
import type { Entrance } from "./entrance.ts";
import { entrancePage, entrancePath, entranceScript, entranceScriptPath } from "./entrance-page.ts";
import { makeHubDialler, type HubAddress } from "./hub-address.ts";
import { knownCalls } from "./known-calls.ts";
import { makeCallProxy, refuseCall } from "./proxy-call.ts";
import { makeLinkProxy, refuseUpgrade } from "./proxy-link.ts";

/**
 * The frontend of this package on loopback, with a hub behind it that is a mere API. In order: by what name
 * and from whose page (the rules of solo, and of all names only the one that was printed); what anybody may
 * read, which is this package's own files; what only a browser may that was let in (entrance), which is
 * everything that goes to the hub with the login.
 */
export interface LocalFrontend {
  /** Throws what the system says of a port that cannot be had. */
  listen(host: string): Promise<void>;
  close(): Promise<void>;
}

const maxConnections = 256;
/** Of an entry: "lmo_" and 43 characters. */
const maxEntryBytes = 64;
const headTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;

export function makeLocalFrontend(options: {
  /** What a browser calls it, without the port. */
  readonly name: string;
  readonly port: number;
  readonly files: StaticFiles;
  readonly hub: HubAddress;
  readonly entrance: Entrance;
  readonly version: string;
  readonly logRefusal: LogRefusal;
  /** A browser was let in: its secret is spent. */
  onEntered(): void;
}): LocalFrontend {
  const { name, port, files, hub, entrance, version, logRefusal } = options;
  const ownHost = `${name}:${port}`;
  const rules = makeSourceRules({ listenHost: name, port, trustedOrigins: [] });
  const dialler = makeHubDialler(hub);
  const proxyCall = makeCallProxy(dialler, version);
  const links = makeLinkProxy(dialler, version);
  const index = files.find("/");
  const ownIndex = index && nameHub(index, hub.origin);
  const servers: Server[] = [];

  /** Undefined: it may go on. */
  function judgeSource(request: IncomingMessage, purpose: RequestPurpose) {
    const source = readRequestSource(request);
    // Under another name the cookie would be one that other programs of this machine are sent too.
    if (source.host?.toLowerCase() !== ownHost) {
      const message = "Open the address that `leapmux open` shows in its terminal.";
      return { status: 421, message };
    }
    if (source.origin !== undefined && source.origin !== `http://${ownHost}`) {
      return { status: 403, message: "Pages of other origins may not call this." };
    }
    const checked = rules.check(source, purpose);
    return checked.ok ? undefined : checked;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const path = request.url?.split("?", 1)[0] ?? "";
    const isCall = knownCalls.has(path);
    const isEntry = path === entrancePath && request.method === "POST";
    const refused = judgeSource(request, isCall || isEntry ? "call" : "page");
    if (refused !== undefined) {
      logRefusal("request refused by its source", { code: String(refused.status) });
      return sendText(request, response, refused.status, refused.message);
    }
    for (const [header, value] of Object.entries(securityHeaders(ownHost, "ws"))) {
      response.setHeader(header, value);
    }
    if (isEntry) return void enter(request, response);
    if (isCall) {
      if (request.method !== "POST") return sendText(request, response, 405, "Calls are POST.");
      if (!entrance.knows(request.headers.cookie)) {
        logRefusal("call of a browser that was not let in", {});
        const next = "Open the address that `leapmux open` shows in its terminal.";
        return refuseCall(response, 403, "permission_denied", next);
      }
      return proxyCall(request, response, path);
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return sendText(request, response, 405, "Only GET is possible here.");
    }
    sendOwn(request, response, path);
  }

  function sendOwn(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (path === entranceScriptPath) {
      return sendFixed(request, response, "text/javascript", entranceScript);
    }
    const file = files.find(path);
    const isPage = file !== null && file === index;
    if (path === entrancePath || (isPage && !entrance.knows(request.headers.cookie))) {
      return sendFixed(request, response, "text/html", entrancePage);
    }
    if (file === null) return sendText(request, response, 404, "There is nothing here.");
    sendFile(request, response, isPage && ownIndex !== null ? ownIndex : file);
  }

  async function enter(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const secret = await readText(
      request.on("error", () => undefined).pipe(makeBoundedStream(maxEntryBytes)),
    ).catch(() => "");
    if (secret === "" && entrance.knows(request.headers.cookie)) {
      response.writeHead(204, { "cache-control": "no-store" });
      return void response.end();
    }
    const value = entrance.enter(secret);
    if (value === null) {
      if (secret !== "") logRefusal("entry with a secret that is not known, or was used", {});
      return sendText(request, response, 403, "This address has been used, or is not known.");
    }
    response.writeHead(204, { "set-cookie": entrance.cookie(value), "cache-control": "no-store" });
    response.end();
    options.onEntered();
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    if (request.url !== "/link") return refuseUpgrade(socket, 404, "There is nothing here.");
    const refused = judgeSource(request, "link");
    if (refused !== undefined) {
      logRefusal("link refused by its source", { code: String(refused.status) });
      return refuseUpgrade(socket, refused.status, refused.message);
    }
    if (!entrance.knows(request.headers.cookie)) {
      logRefusal("link of a browser that was not let in", {});
      return refuseUpgrade(socket, 403, "This browser was not let in.");
    }
    links.join(request, socket, head);
  }

  return {
    listen(host) {
      const server = createServer(
        {
          noDelay: true,
          headersTimeout: headTimeoutMs,
          requestTimeout: requestTimeoutMs,
          shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
        },
        answer,
      );
      server.maxConnections = maxConnections;
      server.on("upgrade", upgrade);
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port, ipv6Only: true }, () => {
          server.off("error", reject);
          server.on("error", () => undefined);
          servers.push(server);
          resolve();
        });
      });
    },
    async close() {
      links.close();
      dialler.close();
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

/** So that the page knows that it comes from this machine, and for which hub (frontend/account/local-frontend). */
function nameHub(index: StaticFile, hub: string): StaticFile {
  const meta = `<meta name="leapmux-local" content="${hub}" />`;
  const content = Buffer.from(index.content.toString("utf8").replace("<head>", `<head>${meta}`));
  const digest = createHash("sha256").update(content).digest("base64url");
  return { ...index, content, encoded: [], etag: `"${digest.slice(0, 22)}"` };
}

function sendFixed(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  body: string,
): void {
  response.writeHead(200, {
    "content-type": `${type}; charset=utf-8`,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

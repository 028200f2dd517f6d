/**
 * A hub of kind `hub` as browsers see it, with accounts in memory and no worker: for the pages about
 * accounts. Tests reach for it through startAccountHub alone, and see it through pages alone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, createConnectRouter } from "@connectrpc/connect";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";
import { sendFile, sendText } from "@leapmux/hub/ops/send-file.ts";
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import {
  ClientLinkDownSchema,
  ClientLinkUpSchema,
  type LoginEndReason,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { HubKind, SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { type WebSocket, WebSocketServer } from "ws";
import { type FakeAccounts, makeFakeAccounts, randomId } from "./fake-accounts.ts";
import { fakeAccountService, fakeAdminService } from "./fake-account-service.ts";
import { fakeLoginService, readLogin, refuse } from "./fake-login-service.ts";
import type { Cleanup } from "./make-cleanup.ts";

type Down = NonNullable<MessageInitShape<typeof ClientLinkDownSchema>["body"]>;

export interface FakeAccountHub {
  /** By name: passkeys know no addresses. */
  readonly url: string;
  readonly accounts: FakeAccounts;
  /** Upgrades of /link that were asked for, refused ones included. */
  linkRequests(): number;
}

const frontendDir = join(import.meta.dirname, "../../frontend/dist");

export async function startFakeAccountHub(cleanup: Cleanup): Promise<FakeAccountHub> {
  const accounts = makeFakeAccounts();
  const staticFiles = loadStaticFiles(frontendDir);
  const calls = makeCalls(accounts);
  let links = 0;

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split("?", 1)[0] ?? "";
    for (const [name, value] of Object.entries(securityHeaders(request.headers.host ?? "", "ws"))) {
      response.setHeader(name, value);
    }
    const call = calls.get(path);
    if (call) {
      void call(universalRequestFromNodeRequest(request, response, undefined, undefined)).then(
        (answer) => universalResponseToNodeResponse(answer, response),
      );
      return;
    }
    const file = staticFiles.find(path);
    if (file) sendFile(request, response, file);
    else sendText(request, response, 404, "There is nothing here.");
  }

  const server = createServer(onRequest);
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    links += 1;
    const login = readLogin(accounts, request.headers.cookie);
    if (!login) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      serveLink(accounts, login.login.loginId, login.userId, webSocket),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(async () => {
    for (const webSocket of sockets.clients) webSocket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}`, accounts, linkRequests: () => links };
}

function makeCalls(accounts: FakeAccounts) {
  const router = createConnectRouter({ requireConnectProtocolHeader: true });
  const caller = (header: Headers) => {
    const login = readLogin(accounts, header.get("cookie"));
    if (!login) throw refuse("unauthenticated", Code.Unauthenticated);
    return login;
  };
  router.service(SystemService, {
    getSystemInfo(_request, context) {
      const login = readLogin(accounts, context.requestHeader.get("cookie"));
      const account = accounts.users.get(login?.userId ?? "")?.account;
      return {
        kind: HubKind.HUB,
        version: "0.1.0",
        setupRequired: accounts.users.size === 0,
        signUpEnabled: accounts.signUpEnabled,
        ...(account ? { account, userId: account.userId } : {}),
      };
    },
  });
  router.service(LoginService, fakeLoginService(accounts, "localhost"));
  router.service(AccountService, fakeAccountService(accounts, "localhost"));
  router.service(AdminService, fakeAdminService(accounts));
  router.service(WorkspaceService, {
    listWorkspaces(_request, context) {
      const { userId } = caller(context.requestHeader);
      const workspaceId = `wsp_${userId.slice(4)}`;
      return { workspaces: [{ workspaceId, title: "Compilers", createdAtMs: 1n }] };
    },
    listTabs(_request, context) {
      caller(context.requestHeader);
      return { tabs: [] };
    },
  });
  router.service(WorkerService, {
    listWorkers(_request, context) {
      caller(context.requestHeader);
      return { workers: [] };
    },
  });
  return new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
}

function serveLink(
  accounts: FakeAccounts,
  loginId: string,
  userId: string,
  webSocket: WebSocket,
): void {
  const say = (body: Down) =>
    webSocket.send(toBinary(ClientLinkDownSchema, create(ClientLinkDownSchema, { body })));
  const onEnded = (ended: string, reason: LoginEndReason) => {
    if (ended !== loginId) return;
    say({ case: "loginEnded", value: { reason } });
    webSocket.close(4001);
  };
  const onChanged = (changed: string) => {
    if (changed === userId) say({ case: "changed", value: { account: true } });
  };
  accounts.onEnded.add(onEnded);
  accounts.onChanged.add(onChanged);
  webSocket.on("close", () => {
    accounts.onEnded.delete(onEnded);
    accounts.onChanged.delete(onChanged);
  });
  webSocket.on("message", (data: Buffer) => {
    const { body } = fromBinary(ClientLinkUpSchema, data);
    if (body.case === "ping") say({ case: "pong", value: { nonce: body.value.nonce } });
  });
  say({ case: "hello", value: { linkId: randomId() } });
}

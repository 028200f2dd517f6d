import { ConnectError, createClient } from "@connectrpc/connect";
import { RequestReferenceSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { request } from "node:http";
import { expect, test } from "vitest";
import { nameRequest } from "./request-id.ts";
import { connectAs, setUpFirstAdmin } from "../test-support/log-in.ts";
import { startLinks, startTestHub } from "../test-support/start-links.ts";

/** Status, headers and body, with headers that fetch would not send. */
function get(url: string, headers: Record<string, string> = {}, path = "/metrics") {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      request(`${url}${path}`, { headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      })
        .on("error", reject)
        .end();
    },
  );
}

/** Name and labels to value. */
function samples(text: string): Map<string, number> {
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );
}

const token = "a-token-of-the-operator";
const bearer = { authorization: `Bearer ${token}` };

test("calls, links and the audit log are counted, and nobody is named", async () => {
  const { url, client, worker } = await startLinks({ metrics: { kind: "token", token } });
  const channelId = await client.open();
  client.sendFrames({ channelId, correlationId: 1n, flags: 0, ciphertext: new Uint8Array(100) });
  await worker.inbox.find(({ body }) => body.case === "frames");
  const { status, headers, text } = await get(url, bearer);
  expect(status).toBe(200);
  expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
  const values = samples(text);
  expect(values.get("leapmux_active_workers")).toBe(1);
  expect(values.get("leapmux_active_channels")).toBe(1);
  expect(values.get("leapmux_ws_connections_active")).toBe(1);
  expect(values.get("leapmux_relayed_frames_total")).toBe(1);
  expect(values.get("leapmux_relayed_bytes_total")).toBeGreaterThan(100);
  expect(values.get("leapmux_audit_sequence")).toBeGreaterThanOrEqual(2);
  expect(values.get("leapmux_audit_signed_sequence")).toBeGreaterThanOrEqual(1);
  const call = 'service="leapmux.hub.v1.ChannelService",method="openChannel"';
  expect(values.get(`leapmux_rpc_requests_total{${call},code="ok"}`)).toBe(1);
  expect(values.get(`leapmux_rpc_request_duration_seconds_count{${call}}`)).toBe(1);
  for (const secret of [channelId, "solo", worker.workerId, token, "127.0.0.1"]) {
    expect(text).not.toContain(secret);
  }
});

test("refusals are counted by their code", async () => {
  const { hub, url } = await startTestHub({ kind: "hub", metrics: { kind: "loopback" } });
  await setUpFirstAdmin(url, hub.setUpUrl);
  const calls = createClient(LoginService, connectAs(url));
  for (let n = 0; n < 3; n += 1) {
    await calls.logIn({ username: `user${n}`, password: "x" }).catch(() => undefined);
  }
  const values = samples((await get(url)).text);
  const call = 'service="leapmux.hub.v1.LoginService",method="logIn",code="Unauthenticated"';
  expect(values.get(`leapmux_rpc_requests_total{${call}}`)).toBe(3);
});

test("off by default, and then as if there were no such page", async () => {
  const { url } = await startTestHub();
  expect((await get(url, bearer)).status).toBe(404);
});

test.each([
  {},
  { authorization: "Bearer " },
  { authorization: `Bearer ${token}x` },
  { authorization: `Basic ${token}` },
  { authorization: `Bearer ${"x".repeat(4_000)}` },
])("without the token there is nothing to read (%o)", async (headers) => {
  const { url } = await startTestHub({ metrics: { kind: "token", token } });
  expect((await get(url, headers as Record<string, string>)).status).toBe(404);
});

test.each([
  { "x-forwarded-for": "127.0.0.1" },
  { "x-real-ip": "127.0.0.1" },
  { forwarded: "for=127.0.0.1" },
  { via: "1.1 proxy" },
  { host: "leapmux.example" },
])("on loopback alone a proxy on this machine reads nothing for others (%o)", async (headers) => {
  const { url } = await startTestHub({
    kind: "hub",
    publicUrl: "https://leapmux.example",
    metrics: { kind: "loopback" },
  });
  expect((await get(url)).status).toBe(200);
  expect((await get(url, headers as Record<string, string>)).status).not.toBe(200);
});

test("each answer names its request, as do the error and every line of the log", async () => {
  const { hub, url, log } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const page = await get(url, {}, "/healthz");
  expect(page.headers["x-request-id"]).toMatch(/^req_[\w-]{16}$/);

  let header = "";
  await createClient(SystemService, connectAs(url)).getSystemInfo(
    {},
    { onHeader: (headers) => (header = headers.get("x-request-id") ?? "") },
  );
  expect(header).toMatch(/^req_/);
  const error = await createClient(WorkspaceService, ann.transport)
    .deleteWorkspace({ workspaceId: "wsp_AAAAAAAAAAAAAAAAAAAAAA" })
    .catch(ConnectError.from);
  const [reference] = (error as ConnectError).findDetails(RequestReferenceSchema);
  expect(reference?.requestId).toMatch(/^req_/);
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.find(({ msg }) => msg === "logged in")?.["requestId"]).toMatch(/^req_/);
  expect(lines.find(({ msg }) => msg === "hub listening")).not.toHaveProperty("requestId");
});

test("a name is taken from a proxy only, and in its shape only", async () => {
  const { url } = await startTestHub();
  const nameOf = async (given: string) =>
    (await get(url, { "x-request-id": given }, "/healthz")).headers["x-request-id"];
  expect(await nameOf("from-the-proxy_1")).toBe("from-the-proxy_1");
  for (const wrong of ["short", "x".repeat(65), "two words here", "a;b=c-d-e-f", "lml.abcdefgh"]) {
    expect(await nameOf(wrong)).toMatch(/^req_/);
  }
  expect(nameRequest("from-a-stranger", false)).toMatch(/^req_/);
});

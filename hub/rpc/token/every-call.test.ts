/** Every method of the hub, called by tokens that have all scopes but the one that it needs, and by one that has none else. */
import type { DescService } from "@bufbuild/protobuf";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import { expect, test } from "vitest";
import { tokenScopes } from "../../accounts/token-scopes.ts";
import { bearer, createToken } from "../../test-support/api-tokens.ts";
import { setUpFirstAdmin } from "../../test-support/log-in.ts";
import { startTestHub } from "../../test-support/start-links.ts";
import { needOf } from "../method-needs.ts";

const services: readonly DescService[] = [
  ...[AccountService, AdminService, ChannelService, DeviceService],
  ...[TokenService, TokensAdminService, WorkerService, WorkspaceService],
];

test("without its scope no call is answered, with it alone none is refused for it", async () => {
  const { hub, url } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const all = Object.keys(tokenScopes);
  const only = new Map<string, string>();
  const without = new Map<string, string>();
  for (const scope of all) {
    only.set(scope, (await createToken(ann, [scope])).accessToken);
    const others = all.filter((each) => each !== scope);
    without.set(scope, (await createToken(ann, others)).accessToken);
  }
  const everything = (await createToken(ann, all)).accessToken;

  const reasonOf = async (service: DescService, name: string, token: string): Promise<string> => {
    const answer = await fetch(`${url}/${service.typeName}/${name}`, {
      method: "POST",
      body: "{}",
      headers: {
        ...bearer(token),
        "content-type": "application/json",
        "connect-protocol-version": "1",
      },
    });
    const { details } = (await answer.json()) as { details?: { debug?: { reason?: string } }[] };
    return details?.[0]?.debug?.reason ?? `status ${answer.status}`;
  };

  let calls = 0;
  for (const service of services) {
    for (const method of service.methods) {
      const need = needOf(method) ?? "";
      const lacking = need === "login" ? everything : (without.get(need) ?? "");
      expect(await reasonOf(service, method.name, lacking), method.name).toBe("scope_required");
      if (need === "login") continue;
      const having = await reasonOf(service, method.name, only.get(need) ?? "");
      expect(["scope_required", "unauthenticated"], method.name).not.toContain(having);
      calls += 1;
    }
  }
  expect(calls).toBeGreaterThan(30);
});

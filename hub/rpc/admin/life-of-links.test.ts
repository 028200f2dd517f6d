import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../../ops/hub-clock.ts";
import { connectAs, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { inviteBob } from "../../test-support/revocations.ts";
import { startTestHub } from "../../test-support/start-links.ts";

test("invitations and resets live as long as the limits of the hub say, each its own", async () => {
  let nowMs = 1_700_000_000_000;
  const { hub, url } = await startTestHub({
    kind: "hub",
    clock: { ...systemClock, wallMs: () => nowMs },
    limits: { invitationMs: 60_000, passwordResetMs: 30_000 },
  });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const admin = createClient(AdminService, ann.transport);
  const { victim } = await inviteBob(url, ann);
  const invited = await admin.invite({ role: 1 });
  const reset = await admin.resetPassword({ userId: victim.userId });
  const startMs = BigInt(nowMs);
  expect([invited.invitation?.expiresAtMs, reset.expiresAtMs]).toEqual([
    startMs + 60_000n,
    startMs + 30_000n,
  ]);
  const stranger = createClient(LoginService, connectAs(url));
  const read = ({ token }: { token: string }) => refusalOf(stranger.readInvitation({ token }));
  const both = async () => [await read(invited), await read(reset)];
  nowMs += 29_999;
  expect(await both()).toEqual(["answered", "answered"]);
  nowMs += 1;
  expect(await both()).toEqual(["answered", "token_refused"]);
  nowMs += 30_000;
  expect(await both()).toEqual(["token_refused", "token_refused"]);
});

import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../../ops/hub-clock.ts";
import { connectAs, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { startTestHub } from "../../test-support/start-links.ts";

test("a call after a login's time says that it has expired, also before the hub looked for such", async () => {
  let laterMs = 0;
  const { hub, url } = await startTestHub({
    kind: "hub",
    clock: { ...systemClock, wallMs: () => systemClock.wallMs() + laterMs },
    loginIdleMs: 3_600_000,
    limits: { revocationCheckMs: 1_000_000_000 },
  });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const calls = createClient(AccountService, ann.transport);
  expect(await refusalOf(calls.getAccount({}))).toBe("answered");
  laterMs = 3 * 3_600_000;
  expect(await refusalOf(calls.getAccount({}))).toBe("login_expired");
  // Who never had one is told nothing of the kind.
  const stranger = connectAs(url, { authorization: `Bearer lml_${"A".repeat(43)}` });
  expect(await refusalOf(createClient(AccountService, stranger).getAccount({}))).toBe(
    "unauthenticated",
  );
});

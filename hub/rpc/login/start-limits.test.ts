import { createClient } from "@connectrpc/connect";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { expect, test } from "vitest";
import { systemClock } from "../../ops/hub-clock.ts";
import { connectAs, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { startTestHub } from "../../test-support/start-links.ts";

/** Behind a proxy, so that a test chooses the addresses. Nothing is refilled while it runs. */
async function start() {
  const { hub, url } = await startTestHub({
    kind: "hub",
    isSignUpEnabled: true,
    trustedProxies: ["127.0.0.1"],
    limits: { startsPerMinute: 2 },
    clock: { ...systemClock, now: () => 0 },
  });
  await setUpFirstAdmin(url, hub.setUpUrl);
  return (address: string) =>
    createClient(LoginService, connectAs(url, { "x-forwarded-for": address }));
}

const account = (name: string) => ({ username: name, password: "a long enough pass phrase" });

test("one IPv6 network starts no more than one address, however many it uses", async () => {
  const from = await start();
  const outcomes: string[] = [];
  for (let host = 1; host <= 3; host += 1) {
    outcomes.push(await refusalOf(from(`2001:db8::${host}`).startCliLogin({})));
  }
  expect(outcomes).toEqual(["answered", "answered", "throttled"]);
  expect(await refusalOf(from("2001:db8::9").startPasskeyLogIn({}))).toBe("throttled");
  expect(await refusalOf(from("2001:db8:0:1::1").startCliLogin({}))).toBe("answered");
});

test("accounts that were made leave command lines of the same network their starts", async () => {
  const from = await start();
  const outcomes: string[] = [];
  for (const name of ["one", "two", "three"]) {
    outcomes.push(await refusalOf(from("2001:db8::1").signUp(account(name))));
  }
  expect(outcomes).toEqual(["answered", "answered", "throttled"]);
  expect(await refusalOf(from("2001:db8::1").startCliLogin({}))).toBe("answered");
});

test("junk from everywhere does not make those wait who log in with a passkey alone", async () => {
  const from = await start();
  const proof = { case: "passkeyJson", value: "{}" } as const;
  const junk = (address: string) =>
    refusalOf(from(address).finishLogIn({ challenge: "junk", proof }));
  for (let host = 0; host < 40; host += 1) await junk(`198.51.100.${host}`);
  expect([await junk("192.0.2.1"), await junk("192.0.2.1")]).toEqual([
    "login_refused",
    "login_refused",
  ]);
});

/** Settings that an admin changes at a running hub, as people, command lines and other processes see it. */
import { toJsonString } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import {
  ListSettingsResponseSchema,
  SettingSource,
  SettingsAdminService,
} from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { openStore } from "../../store/open-store.ts";
import { makeSettingRows } from "../../store/setting-rows.ts";
import { bearer, createToken, dayMs, tokensOf } from "../../test-support/api-tokens.ts";
import { dialAsClient } from "../../test-support/fake-client.ts";
import { connectAs, logIn, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { inviteBob } from "../../test-support/revocations.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

async function start(options: Parameters<typeof startTestHub>[0] = {}) {
  const { hub, url, dataDir, log } = await startTestHub({ kind: "hub", ...options });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const settings = createClient(SettingsAdminService, ann.transport);
  const set = (...pairs: [string, string][]) =>
    settings.setSettings({ settings: pairs.map(([name, value]) => ({ name, value })) });
  return { hub, url, dataDir, log, ann, settings, set };
}

test("sign-up is switched on and off while the hub runs", async () => {
  const { url, set, settings } = await start();
  const info = async () =>
    (await createClient(SystemService, connectAs(url)).getSystemInfo({})).signUpEnabled;
  const signUp = (username: string) =>
    refusalOf(
      createClient(LoginService, connectAs(url)).signUp({
        username,
        displayName: username,
        password: "a long enough one",
      }),
    );
  expect([await info(), await signUp("carol")]).toEqual([false, "sign_up_disabled"]);
  const changed = await set(["signup_enabled", "yes"]);
  expect(changed.settings).toMatchObject([
    { name: "signup_enabled", value: "true", source: SettingSource.DATABASE, changedBy: "ann" },
  ]);
  expect([await info(), await signUp("carol")]).toEqual([true, "answered"]);
  await settings.resetSettings({ names: ["signup_enabled"] });
  expect([await info(), await signUp("dave")]).toEqual([false, "sign_up_disabled"]);
  const { setting } = await settings.getSetting({ name: "signup_enabled" });
  expect(setting).toMatchObject({ source: SettingSource.BUILT_IN, changedBy: "", changedAtMs: 0n });
});

test("quotas and times hold from the next use on, for whoever is there already", async () => {
  const { url, ann, set } = await start();
  const before = await dialAsClient(url, ann.headers);
  cleanUp(() => before.socket.terminate());
  await set(["max_windows_per_login", "1"], ["login_idle_time", "1h"], ["access_token_time", "5m"]);
  const surplus = new WebSocket(`${url.replace("http", "ws")}/link`, {
    origin: url,
    headers: ann.headers,
  });
  expect(await new Promise((resolve) => surplus.once("close", resolve))).toBe(1013);
  const account = createClient(AccountService, ann.transport);
  const idleMs = async () => {
    const { logins } = await account.listLogins({});
    return logins.map(({ expiresAtMs, lastSeenAtMs }) => Number(expiresAtMs - lastSeenAtMs));
  };
  await expect.poll(idleMs).toEqual([3_600_000]);
  const { tokenId } = await createToken(ann, ["read"]);
  const { tokens } = await tokensOf(ann).listTokens({});
  const own = tokens.find((token) => token.tokenId === tokenId);
  expect(Number((own?.accessExpiresAtMs ?? 0n) - (own?.createdAtMs ?? 0n))).toBe(300_000);
});

test("a shorter time of a start counts for those who are idle already", async () => {
  const { hub, dataDir, ann } = await start();
  await hub.close();
  const pinned = { text: "2h", source: "LEAPMUX_HUB_LOGIN_IDLE_TIME" };
  await startTestHub({ kind: "hub", dataDir, pinnedSettings: { login_idle_time: pinned } });
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const rows = await store.selectFrom("logins").selectAll().execute();
  expect(rows.map((row) => [row.user_id, row.expires_at_ms - row.last_seen_at_ms])).toEqual([
    [ann.userId, 2 * 3_600_000],
  ]);
});

test("what is pinned is shown with its place, and nobody changes it", async () => {
  const pinned = { text: "2h", source: "LEAPMUX_HUB_LOGIN_IDLE_TIME" };
  const { set, settings } = await start({ pinnedSettings: { login_idle_time: pinned } });
  const { setting } = await settings.getSetting({ name: "login_idle_time" });
  expect(setting).toMatchObject({
    ...{ value: "2h", source: SettingSource.PINNED, pinnedAt: pinned.source },
  });
  const refused = set(["login_idle_time", "1h"]);
  await expect(refused).rejects.toThrow(/login_idle_time is pinned by LEAPMUX_HUB_LOGIN_IDLE_TIME/);
  expect(await refusalOf(settings.resetSettings({ names: ["login_idle_time"] }))).toBe(
    "setting_pinned",
  );
});

test("what is out of range is refused by name and range, and nothing of the same call is written", async () => {
  const { set, settings } = await start();
  const both = set(["signup_enabled", "true"], ["login_idle_time", "1m"]);
  await expect(both).rejects.toThrow("login_idle_time must be from 5m to 365d");
  expect((await settings.getSetting({ name: "signup_enabled" })).setting?.value).toBe("false");
  expect(await refusalOf(set(["signup_enabled", "x".repeat(2_000)]))).toBe("invalid_request");
  expect(await refusalOf(set(["listen", ":80"]))).toBe("not_found");
  expect(await refusalOf(set(["__proto__", "1"]))).toBe("not_found");
  expect(await refusalOf(set())).toBe("invalid_request");
  expect(await refusalOf(set(["smtp_port", "25"], ["smtp_port", "26"]))).toBe("invalid_request");
});

test("mail is judged together, its password sealed and never shown", async () => {
  const { dataDir, log, set, settings } = await start();
  await expect(set(["smtp_host", "mail.example"])).rejects.toThrow(/smtp-from-address must be/);
  const answer = await set(
    ...([
      ["smtp_host", "mail.example"],
      ["smtp_from_address", "hub@mail.example"],
      ["smtp_username", "hub"],
      ["smtp_password", "s3cret-of-the-hub"],
    ] as [string, string][]),
  );
  const password = answer.settings.find(({ name }) => name === "smtp_password");
  expect(password).toMatchObject({ value: "", isSet: true, secret: true });
  await expect(set(["smtp_tls_mode", "none"])).rejects.toThrow(/in clear/);
  const everything = await settings.listSettings({});
  expect(toJsonString(ListSettingsResponseSchema, everything)).not.toContain("s3cret");
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const [row] = (await makeSettingRows(store).list()).filter(
    ({ name }) => name === "smtp_password",
  );
  expect(row?.value).toBeNull();
  expect(Buffer.from(row?.sealed ?? []).includes("s3cret")).toBe(false);
  expect(log.join("")).not.toContain("s3cret");
});

test("a mail password goes to no other server than the one that it was given for", async () => {
  const own = await start();
  const sender: [string, string] = ["smtp_from_address", "hub@mail.example"];
  const login: [string, string][] = [
    ["smtp_username", "hub"],
    ["smtp_password", "s3cret-of-the-hub"],
  ];
  const elsewhere: [string, string] = ["smtp_host", "evil.example"];
  await own.set(["smtp_host", "mail.example"], sender, ...login);
  await expect(own.set(elsewhere)).rejects.toThrow(/smtp_password is for another smtp_host/);
  await expect(own.set(elsewhere, ["smtp_username", "x"])).rejects.toThrow(/for another smtp_host/);
  expect(await refusalOf(own.settings.resetSettings({ names: ["smtp_host"] }))).toBe(
    "invalid_request",
  );
  expect((await own.settings.getSetting({ name: "smtp_host" })).setting?.value).toBe(
    "mail.example",
  );
  await own.set(["smtp_port", "2525"], ["smtp_host", "mail.example"]);
  await own.set(["smtp_host", "mx.example"], ...login);

  const pin = (text: string) => ({ text, source: "config.yaml" });
  const pinned = await start({
    pinnedSettings: { smtp_username: pin("hub"), smtp_password: pin("s3cret-of-the-hub") },
  });
  await expect(pinned.set(elsewhere, sender)).rejects.toThrow(/change both where it is pinned/);
});

test("what another process writes is followed within seconds", async () => {
  const { url, dataDir } = await start({ limits: { revocationCheckMs: 20 } });
  const store = await openStore(dataDir);
  cleanUp(() => store.destroy());
  const rows = makeSettingRows(store);
  await rows.change({
    ...{ sequence: await rows.lastSequence(), reset: [], changedBy: "console", atMs: 1 },
    set: [{ name: "signup_enabled", value: "true", sealed: null }],
  });
  await expect
    .poll(
      async () =>
        (await createClient(SystemService, connectAs(url)).getSystemInfo({})).signUpEnabled,
    )
    .toBe(true);
});

test("settings are for admins, and for tokens with their scope", async () => {
  const { url, ann } = await start();
  const { victim: bob } = await inviteBob(url, ann);
  const list = (transport: ReturnType<typeof connectAs>) =>
    refusalOf(createClient(SettingsAdminService, transport).listSettings({}));
  expect(await list(bob.transport)).toBe("admin_required");
  expect(await list((await logIn(url)).transport)).toBe("answered");
  const plain = await createToken(ann, ["read"], dayMs);
  const admin = await createToken(ann, ["admin"], dayMs);
  expect(await list(connectAs(url, bearer(plain.accessToken)))).toBe("scope_required");
  expect(await list(connectAs(url, bearer(admin.accessToken)))).toBe("answered");
});

/**
 * Whoever steals the database gets no way in: passwords, tokens, keys, codes and the secrets of authenticator
 * apps are looked for in every file of the hub but its two key files, and in its log.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs, logIn } from "@leapmux/hub/test-support/log-in.ts";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { countKeyUses, everySealedColumn } from "@leapmux/hub/store/sealed-columns.ts";
import { showTotp } from "@leapmux/hub/test-support/start-factors.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { createWorker } from "@leapmux/worker/context.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { findMarkers, type Marker } from "../harness/find-text.ts";
import { startHostileProvider } from "../harness/hostile-provider.ts";
import { addProvider, makePerson } from "../harness/sign-in-person.ts";
import { startHub } from "../harness/start-hub.ts";

/** The bytes that a token, an invitation or a key of ours stands for. */
const bytesOf = (token: string) => Buffer.from(token.slice("lmx_".length), "base64url");

/** Of base32, as authenticator apps take it. */
function bytesOfBase32(text: string): Buffer {
  let bits = "";
  for (const letter of text) {
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  }
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

test("a stolen database holds nothing that one could log in, register or answer with", async () => {
  const cleanup = cleanupAfterTest();
  const started = await startHub(cleanup, {
    ...{ kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true },
  });
  const { hub, url, directory, logger, log, admin } = started;
  if (admin === undefined) throw new Error("no first account");
  const account = createClient(AccountService, admin.transport);
  const people = createClient(AdminService, admin.transport);
  const workers = createClient(WorkerService, admin.transport);

  const other = await logIn(url);
  const totp = await account.startTotp({ password: admin.password });
  const { recoveryCodes } = await account.finishTotp({ code: showTotp(totp.secret, Date.now()) });
  const invitation = await people.invite({ role: Role.USER });
  const open = await workers.createRegistrationKey({});
  const used = await workers.createRegistrationKey({});
  const worker = await createWorker({
    dataDir: join(directory, "worker"),
    transport: makeHubTransport(url),
    name: "a name that the hub knows",
    mode: "classic",
    clientAuth: "hub",
    bundled: false,
    logger,
  });
  cleanup.add(() => worker.stop());
  await worker.register({ registrationKey: used.key, secret: null });

  const { pair } = await createClient(TokenService, admin.transport).createToken({
    ...{ clientName: "a program", scopes: ["read"], password: admin.password },
    lifeMs: 86_400_000n,
  });
  const calls = createClient(LoginService, connectAs(url));
  const rotated = await calls.refreshToken({ refreshToken: pair?.refreshToken ?? "" });
  const apiTokens = [pair, rotated.pair].flatMap((each) => [
    each?.accessToken ?? "",
    each?.refreshToken ?? "",
  ]);
  /** What proves it: the part before it names the row. */
  const apiSecrets = apiTokens.map((token) => token.slice(-43));
  for (const token of apiTokens) expect(token).toMatch(/^lmx_[ar][\w-]{22}_[\w-]{43}$/);

  const mailPassword = "the password of a mail server";
  await createClient(SettingsAdminService, admin.transport).setSettings({
    settings: [
      { name: "smtp_host", value: "mail.example" },
      { name: "smtp_from_address", value: "hub@mail.example" },
      { name: "smtp_username", value: "hub" },
      { name: "smtp_password", value: mailPassword },
    ],
  });

  const idp = { ...(await startHostileProvider(cleanup)), clientSecret: "the secret of a client" };
  const stranger = makePerson(started);
  await stranger.signIn(await addProvider(started, idp));
  // Somebody who has yet to choose a user name.
  expect(await stranger.outcome()).toBe("signUp");
  const browserSecret = /lms_[\w-]{43}/.exec(stranger.browser.cookiesFor(stranger.url))?.[0] ?? "";

  const cookies = [admin, other].map(({ headers }) => headers["cookie"]?.split("=")[1] ?? "");
  const tokens = [...cookies, invitation.token, open.key, used.key];
  for (const token of tokens) expect(token).toMatch(/^lm[lik]_[\w-]{43}$/);
  expect(recoveryCodes.length).toBeGreaterThan(5);
  const secrets: Marker[] = [
    ["password", admin.password],
    ["mail password", mailPassword],
    ["client secret", idp.clientSecret],
    ["browser at a provider", browserSecret],
    ["subject at a provider", "mallory-at-her-provider"],
    ["set-up token", hub.setUpUrl?.split("#")[1] ?? ""],
    ["authenticator secret", totp.secret],
    ["worker token", worker.identity.workerToken ?? ""],
    ...tokens.map((token): [string, string] => [token.slice(0, 3), token]),
    ...apiSecrets.map((secret): [string, string] => ["API token", secret]),
    ...recoveryCodes.map((code): [string, string] => ["recovery code", code]),
  ].map(([name = "", text = ""]) => ({ name, text }));
  for (const { name, text } of secrets) expect(text.length, name).toBeGreaterThan(8);
  const raw = [
    ...tokens.map(bytesOf),
    ...apiSecrets.map((secret) => Buffer.from(secret, "base64url")),
    bytesOfBase32(totp.secret),
  ];

  const dataDir = join(directory, "hub");
  const files = readdirSync(dataDir).filter((name) => !name.endsWith(".key"));
  expect(files).toEqual(expect.arrayContaining(["hub.db", "hub.db-wal"]));
  const everything = Buffer.concat(files.map((name) => readFileSync(join(dataDir, name))));
  // Every column that the hub seals has a value here: who adds one has this test make one.
  const store = await openStore(dataDir);
  cleanup.add(() => store.destroy());
  const uses = await countKeyUses(store);
  for (const { table, column } of everySealedColumn) {
    const ofColumn = uses.filter((use) => use.table === table && use.column === column);
    expect(ofColumn, `${table}.${column}`).toMatchObject([{ version: 1 }]);
  }

  // The search finds what is there.
  const known = { name: "known", text: "a name that the hub knows" };
  expect(findMarkers(everything, [known])).toEqual(["known (raw)"]);
  expect(findMarkers(everything, secrets)).toEqual([]);
  expect(raw.filter((bytes) => everything.includes(bytes))).toEqual([]);
  expect(findMarkers(Buffer.from(log.join("")), secrets)).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import {
  makeSoftwareAuthenticator,
  type Lies,
  type SoftwareAuthenticator,
} from "../test-support/software-authenticator.ts";
import { publicUrl, showTotp, standingOf, startFactors } from "../test-support/start-factors.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import { finishRegistration, startRegistration } from "./passkeys.ts";
import { hashRecoveryCode } from "./recovery-codes.ts";
import { toBase32 } from "./totp.ts";

let rig: Awaited<ReturnType<typeof startFactors>>;
beforeEach(async () => void (rig = await startFactors()));
afterEach(() => rig.close());

const secret = new TextEncoder().encode("12345678901234567890");
const refused = { ok: false };
const ann = { ok: true, userId: "usr_ann", alone: false };
const annAlone = { ...ann, alone: true };
const minute = 60_000;

async function addTotp(userId = "usr_ann", recoveryCodes: readonly string[] = []) {
  const { keystore, keyedHash, totpSecrets } = rig.parts;
  await totpSecrets.add(
    {
      user_id: userId,
      secret: keystore.seal(sealedPlace("totpSecret", userId), secret),
      last_step: 0,
      created_at_ms: 1,
    },
    recoveryCodes.map((code) => hashRecoveryCode(keyedHash, userId, code) ?? ""),
    standingOf(userId),
  );
}

async function addPasskey(userId = "usr_ann", lies: Lies = {}): Promise<SoftwareAuthenticator> {
  const party = rig.parts.relyingParty();
  if (party === null) throw new Error("no relying party");
  const authenticator = makeSoftwareAuthenticator(publicUrl);
  const user = { userId, username: "ann", displayName: "Ann" };
  const options = await startRegistration(party, user, { challenge: "AAAA", present: [] });
  const passkey = await finishRegistration(party, "AAAA", authenticator.register(options, lies));
  if (passkey === null) throw new Error("not registered");
  const row = {
    credential_id: passkey.credentialId,
    user_id: userId,
    name: "key",
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: passkey.transports.join(","),
    created_at_ms: 1,
    last_used_at_ms: 0,
  };
  await rig.parts.passkeys.add(row, standingOf(userId));
  return authenticator;
}

/** What the right password leads to. */
async function start(userId = "usr_ann", factors = rig.factors) {
  const needed = await factors.needed(userId);
  const challenge = needed?.challenge ?? "";
  return {
    needed,
    options: needed?.passkeyOptionsJson ?? "",
    totp: (value: string) => factors.finish(challenge, { case: "totpCode", value }),
    recovery: (value: string) => factors.finish(challenge, { case: "recoveryCode", value }),
    passkey: (value: string) => factors.finish(challenge, { case: "passkeyJson", value }),
    nothing: () => factors.finish(challenge, { case: undefined }),
  };
}

async function startAlone(factors = rig.factors) {
  const started = await factors.startPasskeyLogIn();
  const options = started?.optionsJson ?? "";
  return {
    options,
    finish: (value: string) =>
      factors.finish(started?.challenge ?? "", { case: "passkeyJson", value }),
  };
}

const rightCode = (offMs = 0) => showTotp(toBase32(secret), rig.clock.wallMs() + offMs);
const wrongCode = () => (rightCode() === "000000" ? "000001" : "000000");

test("without a second factor the password is enough", async () => {
  expect((await start()).needed).toBeNull();
  await addTotp("usr_bob");
  expect((await start()).needed).toBeNull();
});

test("a code lets in once, in whichever log-in, and so it does after a restart", async () => {
  await addTotp();
  const [first, second] = [await start(), await start()];
  expect(first.needed).toMatchObject({ totp: true, recoveryCode: false, passkeyOptionsJson: "" });
  expect(await first.totp(rightCode())).toEqual(ann);
  expect(await second.totp(rightCode())).toEqual(refused);
  expect(await (await start("usr_ann", rig.restart())).totp(rightCode())).toEqual(refused);
  rig.clock.advance(30_000);
  expect(await second.totp(rightCode())).toEqual(ann);
});

test("a log-in ends with the right answer, after five minutes, and with the process", async () => {
  await addTotp();
  const first = await start();
  expect(await first.totp(rightCode())).toEqual(ann);
  expect(await first.totp(rightCode(30_000))).toEqual(refused);
  const late = await start();
  rig.clock.advance(5 * minute);
  expect(await late.totp(rightCode())).toEqual(refused);
  const { needed } = await start();
  const proof = { case: "totpCode", value: rightCode() } as const;
  expect(await rig.restart().finish(needed?.challenge ?? "", proof)).toEqual(refused);
  expect(await rig.factors.finish("", proof)).toEqual(refused);
  expect(await rig.factors.finish(needed?.challenge ?? "", proof)).toEqual(ann);
});

test("of many right answers at once one gets in", async () => {
  await addTotp("usr_ann", ["AAAA-AAAA-AA"]);
  const logIn = await start();
  const outcomes = await Promise.all([
    logIn.recovery("AAAA-AAAA-AA"),
    logIn.totp(rightCode()),
    logIn.totp(rightCode()),
  ]);
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
});

test("codes cannot be guessed: five for each log-in, then ever longer for the account", async () => {
  await addTotp();
  const first = await start();
  // At once, so that none of them has failed when the next one comes.
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => first.totp(wrongCode())));
  expect(outcomes.filter((outcome) => !("retryAfterMs" in outcome))).toHaveLength(4);
  expect(outcomes.at(-1)).toEqual({ ok: false, retryAfterMs: 1_000 });
  // A fresh log-in does not help, nor does the right code before the time is over.
  expect(await (await start()).totp(rightCode())).toMatchObject({ retryAfterMs: 1_000 });
  rig.clock.advance(1_000);
  expect(await first.totp(wrongCode())).toEqual(refused);
  rig.clock.advance(2_000);
  expect(await first.totp(rightCode()), "the sixth of this log-in").toEqual(refused);
  expect(await (await start()).totp(rightCode())).toEqual(ann);
});

test("wrong codes by time delay neither recovery codes nor passkeys nor other accounts", async () => {
  await addTotp("usr_ann", ["AAAA-AAAA-AA"]);
  await addTotp("usr_bob");
  const key = await addPasskey();
  const logIn = await start();
  for (let time = 0; time < 4; time += 1) await logIn.totp(wrongCode());
  expect(await (await start()).recovery("AAAA-AAAA-AA")).toEqual(ann);
  expect(await (await start()).totp(rightCode())).toMatchObject({ retryAfterMs: 1_000 });
  expect(await (await start("usr_bob")).totp(rightCode())).toEqual({ ...ann, userId: "usr_bob" });
  expect(await logIn.passkey(key.authenticate(logIn.options))).toEqual(ann);
});

test("a recovery code lets in once, and only its user", async () => {
  await addTotp("usr_ann", ["AAAA-AAAA-AA", "BBBB-BBBB-BB"]);
  await addTotp("usr_bob", ["CCCC-CCCC-CC"]);
  const first = await start();
  expect(first.needed).toMatchObject({ totp: true, recoveryCode: true });
  expect(await first.recovery("CCCC-CCCC-CC")).toEqual(refused);
  expect(await first.recovery("nonsense")).toEqual(refused);
  expect(await first.recovery("aaaa aaaa aa")).toEqual(ann);
  const second = await start();
  expect(await second.recovery("AAAA-AAAA-AA")).toEqual(refused);
  expect(await second.nothing()).toEqual(refused);
  expect(await second.recovery("BBBB-BBBB-BB")).toEqual(ann);
  expect((await start()).needed).toMatchObject({ recoveryCode: false });
});

test("a secret that does not open lets nobody in and is told to the log", async () => {
  await addTotp("usr_ann");
  const row = await rig.parts.totpSecrets.find("usr_ann");
  // Somebody with the database and an account copies their own secret over that of another.
  await addTotp("usr_bob");
  await rig.store
    .updateTable("totp")
    .set({ secret: row?.secret ?? new Uint8Array() })
    .where("user_id", "=", "usr_bob")
    .execute();
  expect(await (await start("usr_bob")).totp(rightCode())).toEqual(refused);
  expect(rig.failures).toEqual(["one-time code not checked"]);
});

test("a passkey is a second factor, and then need not verify its user", async () => {
  const key = await addPasskey();
  const logIn = await start();
  expect(JSON.parse(logIn.options)).toMatchObject({
    rpId: "hub.example.com",
    userVerification: "preferred",
    allowCredentials: [{ id: key.credentialId, transports: ["internal", "hybrid"] }],
  });
  // An authenticator of the first generation knows no user handle.
  const answer = key.authenticate(logIn.options, { userVerified: false, userHandle: null });
  expect(await logIn.passkey(answer)).toEqual(ann);
  expect(await rig.parts.passkeys.find(key.credentialId)).toMatchObject({
    counter: 1,
    last_used_at_ms: rig.clock.wallMs(),
  });
});

test("a passkey alone logs in whoever it belongs to", async () => {
  const key = await addPasskey();
  await addPasskey("usr_bob");
  const logIn = await startAlone();
  expect(JSON.parse(logIn.options)).toMatchObject({ userVerification: "required" });
  expect(JSON.parse(logIn.options)).not.toHaveProperty("allowCredentials");
  expect(await logIn.finish(key.authenticate(logIn.options))).toEqual(annAlone);
});

const lies: [string, Lies][] = [
  ["of another origin", { clientData: { origin: "https://evil.example" } }],
  ["of a longer host name", { clientData: { origin: `${publicUrl}.evil.example` } }],
  ["of the host without TLS", { clientData: { origin: "http://hub.example.com" } }],
  ["for another relying party", { rpId: "evil.example" }],
  ["to another challenge", { clientData: { challenge: "AAAA" } }],
  ["of the other ceremony", { clientData: { type: "webauthn.create" } }],
  ["within a foreign page", { clientData: { crossOrigin: true } }],
  ["below a foreign page", { clientData: { topOrigin: "https://evil.example" } }],
  ["without anybody present", { userPresent: false, userVerified: false }],
  ["with a forged signature", { forged: true }],
  ["for another user", { userHandle: Buffer.from("usr_bob").toString("base64url") }],
  ["under an unknown id", { credentialId: "AAAA" }],
];

test.each(lies)("an answer %s is refused, and the right one comes too late", async (_, lie) => {
  const key = await addPasskey();
  const logIn = await start();
  expect(await logIn.passkey(key.authenticate(logIn.options, lie))).toEqual(refused);
  expect(await logIn.passkey(key.authenticate(logIn.options))).toEqual(refused);
});

test.each([
  ...lies,
  ["without the user verified", { userVerified: false }],
  ["that does not say whose it is", { userHandle: null }],
] as [string, Lies][])("an answer %s is refused to whoever has no password", async (_, lie) => {
  const key = await addPasskey();
  const logIn = await startAlone();
  expect(await logIn.finish(key.authenticate(logIn.options, lie))).toEqual(refused);
});

test("the passkey of somebody else is no second factor", async () => {
  await addPasskey();
  const bobs = await addPasskey("usr_bob");
  const logIn = await start();
  expect(await logIn.passkey(bobs.authenticate(logIn.options))).toEqual(refused);
});

test("an answer that was heard counts no second time, not even at the same time", async () => {
  // Its counter stands still, as that of synchronised passkeys does.
  const key = await addPasskey();
  const logIn = await startAlone();
  const answer = key.authenticate(logIn.options, { counter: 0 });
  const outcomes = await Promise.all([1, 2, 3].map(() => logIn.finish(answer)));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await logIn.finish(answer)).toEqual(refused);
  const other = await startAlone();
  expect(await other.finish(answer)).toEqual(refused);
  // Nor in a log-in of the other kind, nor in another process.
  expect(await (await start()).passkey(answer)).toEqual(refused);
  expect(await (await startAlone(rig.restart())).finish(answer)).toEqual(refused);
  const late = await startAlone();
  rig.clock.advance(5 * minute);
  expect(await late.finish(key.authenticate(late.options, { counter: 0 }))).toEqual(refused);
});

test("a counter that goes back or stands still gives a copied passkey away", async () => {
  const key = await addPasskey("usr_ann", { counter: 7 });
  for (const [counter, outcome] of [
    [7, refused],
    [6, refused],
    [0, refused],
    [8, annAlone],
    [8, refused],
    [4_294_967_295, annAlone],
    [9, refused],
  ] as const) {
    const logIn = await startAlone();
    const answer = key.authenticate(logIn.options, { counter });
    expect(await logIn.finish(answer), `counter ${counter}`).toEqual(outcome);
  }
});

test("of two copies of a passkey that answer at the same moment one gets in", async () => {
  const key = await addPasskey();
  const logIns = await Promise.all([startAlone(), startAlone(), startAlone()]);
  const outcomes = await Promise.all(
    logIns.map(({ options, finish }) => finish(key.authenticate(options, { counter: 5 }))),
  );
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
});

test("a passkey that was removed meanwhile lets nobody in", async () => {
  const key = await addPasskey();
  const logIn = await startAlone();
  await rig.parts.passkeys.remove("usr_ann", key.credentialId);
  expect(await logIn.finish(key.authenticate(logIn.options))).toEqual(refused);
});

test.each(["", "null", "{}", "[1]", `"${"A".repeat(40_000)}"`])(
  "%.40j is no answer of a passkey",
  async (json) => {
    const key = await addPasskey();
    const alone = await startAlone();
    expect(await alone.finish(json)).toEqual(refused);
    expect(await alone.finish(key.authenticate(alone.options))).toEqual(annAlone);
    expect(await (await start()).passkey(json)).toEqual(refused);
  },
);

test("a passkey that signs itself needs nobody's certificate", async () => {
  const key = await addPasskey("usr_ann", { vouchedBy: "itself" });
  const logIn = await startAlone();
  expect(await logIn.finish(key.authenticate(logIn.options))).toEqual(annAlone);
});

test("where the hub's address has no passkeys, the password still is not enough", async () => {
  const key = await addPasskey();
  const elsewhere = rig.restart({ relyingParty: () => null });
  expect(await elsewhere.startPasskeyLogIn()).toBeNull();
  const logIn = await start("usr_ann", elsewhere);
  expect(logIn.needed).toMatchObject({ totp: false, passkeyOptionsJson: "" });
  const here = await start();
  expect(await logIn.passkey(key.authenticate(here.options))).toEqual(refused);
});

test("a reset forgets every factor of the account and none of another", async () => {
  await addTotp("usr_ann", ["AAAA-AAAA-AA"]);
  await addTotp("usr_bob");
  await addPasskey();
  await rig.store.transaction().execute((db) => rig.factors.forget(db, "usr_ann"));
  expect(await rig.factors.describe("usr_ann")).toEqual({
    hasTotp: false,
    passkeys: [],
    recoveryCodesLeft: 0,
  });
  expect((await start()).needed).toBeNull();
  expect((await start("usr_bob")).needed).toMatchObject({ totp: true });
});

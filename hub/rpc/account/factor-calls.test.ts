import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FactorParts } from "../../accounts/account-factors.ts";
import { makeSoftwareAuthenticator } from "../../test-support/software-authenticator.ts";
import { publicUrl, showTotp, startFactors } from "../../test-support/start-factors.ts";
import { refuse } from "../refusal.ts";
import { makeFactorCalls } from "./factor-calls.ts";

const password = "right";
let changes: string[];
let rig: Awaited<ReturnType<typeof startFactors>>;
beforeEach(async () => {
  changes = [];
  rig = await startFactors();
});
afterEach(() => rig.close());

/** Calls as that user through that login; those of one `connect` share a process. */
function connect(changed: Partial<FactorParts> = {}) {
  const calls = makeFactorCalls({
    ...rig.parts,
    ...changed,
    principalOf({ requestHeader }) {
      const [userId = "", loginId = ""] = (requestHeader.get("x-login") ?? "").split(" ");
      return { userId, loginId: `${loginId}_of_${userId}`, role: "user" };
    },
    requirePassword: async (_context, given) => {
      if (given !== password) throw refuse("unauthenticated", "wrong password");
      return { epoch: 0 };
    },
    async accountOf({ requestHeader }) {
      const userId = (requestHeader.get("x-login") ?? "").split(" ")[0] ?? "";
      const state = await rig.factors.describe(userId);
      return { username: `name-of-${userId}`, displayName: "Ann", ...state };
    },
    onChanged: (userId, event) => void changes.push(`${userId}: ${event}`),
  });
  const transport = createRouterTransport((router) => router.service(AccountService, calls));
  const client = createClient(AccountService, transport);
  return (userId = "usr_ann", loginId = "lgn_1") => {
    const headers = { "x-login": `${userId} ${loginId}` };
    return {
      startTotp: (given = password) => client.startTotp({ password: given }, { headers }),
      finishTotp: (code: string) => client.finishTotp({ code }, { headers }),
      removeTotp: (given = password) => client.removeTotp({ password: given }, { headers }),
      makeCodes: (given = password) => client.makeRecoveryCodes({ password: given }, { headers }),
      startPasskey: (given = password) =>
        client.startPasskeyRegistration({ password: given }, { headers }),
      finishPasskey: (responseJson: string, name = "key") =>
        client.finishPasskeyRegistration({ responseJson, name }, { headers }),
      removePasskey: (credentialId: string, given = password) =>
        client.removePasskey({ credentialId, password: given }, { headers }),
    };
  };
}

async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => ConnectError.from(thrown),
  );
  if (error === null) throw new Error("the call was not refused");
  expect(error.code).not.toBe(Code.Unknown);
  return error.findDetails(ErrorReasonSchema)[0]?.reason;
}

const now = () => rig.clock.wallMs();

test("one-time codes count once a code of them was seen, and ten recovery codes come with them", async () => {
  const ann = connect()();
  const { secret, uri } = await ann.startTotp();
  expect(uri).toBe(
    `otpauth://totp/LeapMux%20hub.example.com:name-of-usr_ann?secret=${secret}&issuer=LeapMux%20hub.example.com&algorithm=SHA1&digits=6&period=30`,
  );
  expect(await rig.factors.needed("usr_ann")).toBeNull();
  expect(await refusal(ann.finishTotp("000000"))).toBe("invalid_request");
  const { recoveryCodes } = await ann.finishTotp(showTotp(secret, now()));
  expect(new Set(recoveryCodes).size).toBe(10);
  expect(await rig.factors.describe("usr_ann")).toMatchObject({
    hasTotp: true,
    recoveryCodesLeft: 10,
  });
  expect(await refusal(ann.startTotp())).toBe("already_exists");
  // The code that was just shown is used up for log-ins as well.
  const { challenge = "" } = (await rig.factors.needed("usr_ann")) ?? {};
  const shown = { case: "totpCode", value: showTotp(secret, now()) } as const;
  expect(await rig.factors.finish(challenge, shown)).toEqual({ ok: false });
  await ann.removeTotp();
  expect(await refusal(ann.removeTotp())).toBe("not_found");
  // And the secret does not come back.
  expect(await refusal(ann.finishTotp(showTotp(secret, now())))).toBe("not_found");
  expect(await rig.factors.needed("usr_ann")).toBeNull();
  expect(await rig.factors.describe("usr_ann")).toMatchObject({ recoveryCodesLeft: 0 });
});

test("neither the secret nor a recovery code stands in the database", async () => {
  const ann = connect()();
  const { secret } = await ann.startTotp();
  const { recoveryCodes } = await ann.finishTotp(showTotp(secret, now()));
  const rows = await rig.store.selectFrom("totp").selectAll().execute();
  expect(rows).toHaveLength(1);
  const opened = rig.parts.keystore.open(
    { table: "totp", column: "secret", row: "usr_ann" },
    rows[0]?.secret ?? new Uint8Array(),
  );
  expect(opened.ok).toBe(true);
  if (!opened.ok) return;
  expect(Buffer.from(rows[0]?.secret ?? []).includes(opened.plaintext)).toBe(false);
  const codes = await rig.store.selectFrom("recovery_codes").selectAll().execute();
  const stored = JSON.stringify(codes);
  for (const code of recoveryCodes) {
    expect(stored).not.toContain(code);
    expect(stored).not.toContain(code.replaceAll("-", ""));
  }
});

test("what one login began no other finishes, and after five minutes nobody does", async () => {
  const as = connect();
  const { secret } = await as().startTotp();
  const code = showTotp(secret, now());
  expect(await refusal(as("usr_ann", "lgn_2").finishTotp(code))).toBe("not_found");
  expect(await refusal(as("usr_bob", "lgn_1").finishTotp(code))).toBe("not_found");
  rig.clock.advance(5 * 60_000);
  expect(await refusal(as().finishTotp(showTotp(secret, now())))).toBe("not_found");
});

test("new recovery codes replace the old ones, and need something to stand in for", async () => {
  const ann = connect()();
  expect(await refusal(ann.makeCodes())).toBe("invalid_request");
  const { secret } = await ann.startTotp();
  const first = await ann.finishTotp(showTotp(secret, now()));
  const second = await ann.makeCodes();
  const tried = await rig.factors.needed("usr_ann");
  const attempt = (value: string | undefined) =>
    rig.factors.finish(tried?.challenge ?? "", {
      case: "recoveryCode",
      value: value ?? "",
    });
  expect(await attempt(first.recoveryCodes[0])).toEqual({ ok: false });
  expect(await attempt(second.recoveryCodes[0])).toMatchObject({ ok: true, userId: "usr_ann" });
  expect(changes).toEqual(["usr_ann: one-time codes set up", "usr_ann: recovery codes replaced"]);
});

test("each call that begins or removes something asks for the password", async () => {
  const ann = connect()();
  for (const call of [
    ann.startTotp("wrong"),
    ann.removeTotp("wrong"),
    ann.makeCodes("wrong"),
    ann.startPasskey("wrong"),
    ann.removePasskey("abc", "wrong"),
  ]) {
    expect(await refusal(call)).toBe("unauthenticated");
  }
});

test("a passkey is registered, named, listed and removed", async () => {
  const as = connect();
  const authenticator = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await as().startPasskey();
  expect(JSON.parse(optionsJson)).toMatchObject({
    rp: { id: "hub.example.com", name: "LeapMux" },
    user: { id: Buffer.from("usr_ann").toString("base64url"), name: "name-of-usr_ann" },
    attestation: "none",
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    excludeCredentials: [],
  });
  const { account } = await as().finishPasskey(authenticator.register(optionsJson), " Laptop ");
  expect(account?.passkeys).toMatchObject([
    { credentialId: authenticator.credentialId, name: "Laptop", lastUsedAtMs: 0n },
  ]);
  expect(await rig.parts.passkeys.find(authenticator.credentialId)).toMatchObject({
    transports: "internal,hybrid",
  });

  const again = await as().startPasskey();
  expect(JSON.parse(again.optionsJson)).toMatchObject({
    excludeCredentials: [{ id: authenticator.credentialId }],
  });
  const repeated = as().finishPasskey(authenticator.register(again.optionsJson));
  expect(await refusal(repeated)).toBe("already_exists");

  const { credentialId } = authenticator;
  expect(await refusal(as("usr_bob").removePasskey(credentialId))).toBe("not_found");
  expect((await as().removePasskey(credentialId)).account?.passkeys).toEqual([]);
  expect(changes).toEqual(["usr_ann: passkey added", "usr_ann: passkey removed"]);
});

test.each([
  ["of another origin", { clientData: { origin: "https://evil.example" } }],
  ["of a longer host name", { clientData: { origin: `${publicUrl}.evil.example` } }],
  ["of another port", { clientData: { origin: `${publicUrl}:8443` } }],
  ["without TLS", { clientData: { origin: "http://hub.example.com" } }],
  ["for another relying party", { rpId: "evil.example" }],
  ["to another challenge", { clientData: { challenge: "AAAA" } }],
  ["of the other ceremony", { clientData: { type: "webauthn.get" } }],
  ["within a foreign page", { clientData: { crossOrigin: true } }],
  ["below a foreign page", { clientData: { topOrigin: "https://evil.example" } }],
  ["without anybody present", { userPresent: false }],
  ["under another id", { credentialId: "AAAA" }],
  ["under no id", { credentialId: "" }],
  [
    "with a certificate of the caller's choice, right in itself",
    { vouchedBy: "certificate" as const },
  ],
  [
    "with a self attestation that is wrong",
    {
      attestation: [
        "packed",
        new Map<string, number | Uint8Array>([
          ["alg", -7],
          ["sig", Buffer.of(1)],
        ]),
      ] as const,
    },
  ],
  [
    "with an attestation that was not asked for",
    { attestation: ["apple", new Map<string, number>()] as const },
  ],
])("a registration %s is refused, and the right answer comes too late", async (_, lies) => {
  const ann = connect()();
  const authenticator = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await ann.startPasskey();
  const lie = ann.finishPasskey(authenticator.register(optionsJson, lies));
  expect(await refusal(lie)).toBe("invalid_request");
  const truth = ann.finishPasskey(authenticator.register(optionsJson));
  expect(await refusal(truth)).toBe("not_found");
  expect(await rig.parts.passkeys.list("usr_ann")).toEqual([]);
});

test.each([
  "",
  "null",
  "[]",
  "{}",
  '{"id":"AAAA","rawId":"AAAA","type":"public-key"}',
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":1,"attestationObject":"AA"}}',
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"gYGB"}}',
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"!!","attestationObject":"AA"}}',
  // CBOR that nests without end, and one that claims gigabytes.
  `{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"${"gYGB".repeat(5_000)}"}}`,
  '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"WwAAAAP____-"}}',
  `"${"A".repeat(40_000)}"`,
])("the answer %.80s is refused", async (json) => {
  const ann = connect()();
  await ann.startPasskey();
  expect(await refusal(ann.finishPasskey(json))).toBe("invalid_request");
});

test("an answer counts for the login that asked, once and for five minutes", async () => {
  const as = connect();
  const authenticator = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await as().startPasskey();
  const answer = authenticator.register(optionsJson);
  expect(await refusal(as("usr_ann", "lgn_2").finishPasskey(answer))).toBe("not_found");
  expect(await refusal(as("usr_bob").finishPasskey(answer))).toBe("not_found");
  await as().finishPasskey(answer);
  expect(await refusal(as().finishPasskey(answer))).toBe("not_found");
  const late = await as().startPasskey();
  rig.clock.advance(5 * 60_000);
  expect(await refusal(as().finishPasskey(authenticator.register(late.optionsJson)))).toBe(
    "not_found",
  );
});

test("a name that would steer a terminal is refused before the challenge is used up", async () => {
  const ann = connect()();
  const authenticator = makeSoftwareAuthenticator(publicUrl);
  const { optionsJson } = await ann.startPasskey();
  const answer = authenticator.register(optionsJson);
  expect(await refusal(ann.finishPasskey(answer, "a\u001b[2Jb"))).toBe("invalid_request");
  expect(await refusal(ann.finishPasskey(answer, " "))).toBe("invalid_request");
  expect((await ann.finishPasskey(answer, "key")).account?.passkeys).toHaveLength(1);
});

test("a hub under a bare address says that it has no passkeys", async () => {
  const ann = connect({ relyingParty: () => null })();
  expect(await refusal(ann.startPasskey())).toBe("invalid_request");
  const { uri } = await ann.startTotp();
  expect(uri).toContain("otpauth://totp/LeapMux:name-of-usr_ann?");
});

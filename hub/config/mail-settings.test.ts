import { expect, test } from "vitest";
import { checkMailSettings, isMailAddress, type GivenMailSettings } from "./mail-settings.ts";

const nothing: GivenMailSettings = {
  smtpHost: undefined,
  smtpPort: 587,
  smtpUsername: undefined,
  smtpPassword: undefined,
  smtpFromAddress: undefined,
  smtpTlsMode: "starttls",
};
const usual: GivenMailSettings = {
  ...nothing,
  smtpHost: "mail.example.com",
  smtpUsername: "hub",
  smtpPassword: "s3cret",
  smtpFromAddress: "hub@example.com",
};

test("without a host there is no mail, with one there is", () => {
  expect(checkMailSettings(nothing)).toEqual({ ok: true, settings: null });
  expect(checkMailSettings(usual)).toEqual({
    ok: true,
    settings: {
      host: "mail.example.com",
      port: 587,
      credentials: { username: "hub", password: "s3cret" },
      fromAddress: "hub@example.com",
      tlsMode: "starttls",
    },
  });
});

test.each(["localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]"])(
  "a password in clear may go to %s",
  (smtpHost) =>
    expect(checkMailSettings({ ...usual, smtpHost, smtpTlsMode: "none" }).ok).toBe(true),
);

test("a server elsewhere may be spoken to in clear without a password", () => {
  const open = { smtpUsername: undefined, smtpPassword: undefined, smtpTlsMode: "none" } as const;
  expect(checkMailSettings({ ...usual, ...open })).toMatchObject({
    ok: true,
    settings: { credentials: null },
  });
});

test.each([
  ["smtp-tls-mode", { smtpTlsMode: "none" }],
  ["smtp-tls-mode", { smtpTlsMode: "none", smtpHost: "localhost.example.com" }],
  ["smtp-tls-mode", { smtpTlsMode: "none", smtpHost: "127.0.0.1.example.com" }],
  ["smtp-host", { smtpHost: undefined }],
  ["smtp-host", { smtpHost: "", smtpFromAddress: undefined }],
  ["smtp-host", { smtpHost: "mail.example.com\r\nQUIT" }],
  ["smtp-port", { smtpPort: 0 }],
  ["smtp-port", { smtpPort: 65_536 }],
  ["smtp-from-address", { smtpFromAddress: undefined }],
  ["smtp-from-address", { smtpFromAddress: "hub" }],
  ["smtp-username", { smtpPassword: undefined }],
  ["smtp-password", { smtpUsername: "" }],
] as [string, Partial<GivenMailSettings>][])(
  "what is wrong with %s is said (%o)",
  (name, wrong) => {
    const checked = checkMailSettings({ ...usual, ...wrong });
    expect(checked).toMatchObject({ ok: false, message: expect.stringContaining(name) });
    expect(JSON.stringify(checked)).not.toContain("s3cret");
  },
);

test.each(["a@b", "ann.o'neil+x@mail.example.com", "a@xn--bcher-kva.example"])(
  "%s is an address",
  (text) => expect(isMailAddress(text)).toBe(true),
);

test.each([
  "",
  "ann",
  "@example.com",
  "ann@",
  "ann@@example.com",
  "a@b@c",
  "a,b@example.com",
  "ann@example.com,bob@example.com",
  "Ann <ann@example.com>",
  "ann@example.com\r\nBcc: bob@example.com",
  "ann@example.com\n",
  "a b@example.com",
  ".ann@example.com",
  "an..n@example.com",
  "ann@-example.com",
  "ann@example..com",
  "ann@[127.0.0.1]",
  `${"a".repeat(65)}@example.com`,
  `ann@${"a.".repeat(130)}com`,
  "ann@exämple.com",
])("%j is none", (text) => expect(isMailAddress(text)).toBe(false));

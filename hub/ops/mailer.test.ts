import { createServer, type AddressInfo, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { MailSettings } from "../config/mail-settings.ts";
import { makeCertificate } from "../test-support/make-certificate.ts";
import { makeMailer, type Mail } from "./mailer.ts";

interface Heard {
  logIns: { username?: string | undefined; password?: string | null | undefined }[];
  mails: { from: string; to: string[]; text: string; encrypted: boolean }[];
}

const mail: Mail = {
  to: "ann@example.com",
  subject: "Einladung für Ann",
  text: "Öffne https://hub.example.com/invite#lmi_0123456789012345678901234567890123456789012\n",
};
const password = "s3cret-of-the-hub";
const closing: (() => void)[] = [];
let trusted: { key: string; cert: string };
let foreign: { key: string; cert: string };
const formerAuthorities = getCACertificates("default");

beforeAll(async () => {
  trusted = await makeCertificate("localhost");
  foreign = await makeCertificate("localhost");
  setDefaultCACertificates([...formerAuthorities, trusted.cert]);
});
afterAll(() => setDefaultCACertificates(formerAuthorities));
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function startServer(options: SMTPServerOptions): Promise<{ port: number; heard: Heard }> {
  const heard: Heard = { logIns: [], mails: [] };
  const server = new SMTPServer({
    authOptional: true,
    // So that only the client decides what it says in clear.
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth({ username, password: given }, _at, done) {
      heard.logIns.push({ username, password: given });
      if (given === password) done(null, { user: username });
      else done(new Error(`wrong: ${given}`));
    },
    onData(stream, { envelope, secure }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        heard.mails.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          encrypted: secure,
        });
        done();
      });
    },
    ...options,
  });
  // A client that breaks off is what some tests want.
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => void server.close(() => {}));
  return { port: (server.server.address() as AddressInfo).port, heard };
}

function open(port: number, changed: Partial<MailSettings> = {}) {
  const mailer = makeMailer({
    host: "localhost",
    port,
    credentials: { username: "hub", password },
    fromAddress: "hub@example.com",
    tlsMode: "starttls",
    ...changed,
  });
  closing.push(() => mailer.close());
  return mailer;
}

test.each(["starttls", "implicit"] as const)(
  "over %s the mail arrives encrypted",
  async (tlsMode) => {
    const { port, heard } = await startServer({ ...trusted, secure: tlsMode === "implicit" });
    expect(await open(port, { tlsMode }).send(mail)).toEqual({ ok: true });
    expect(heard.logIns).toEqual([{ username: "hub", password }]);
    expect(heard.mails).toMatchObject([
      { from: "hub@example.com", to: ["ann@example.com"], encrypted: true },
    ]);
    const { text = "" } = heard.mails[0] ?? {};
    expect(text).toContain("From: LeapMux <hub@example.com>");
    expect(text).toContain("To: ann@example.com");
    expect(text).toContain("Subject: =?UTF-8?");
    // Quoted-printable.
    expect(text.replaceAll("=\r\n", "")).toContain(
      "=C3=96ffne https://hub.example.com/invite#lmi_0123456789012345678901234567890123456789012",
    );
  },
);

test("in clear it arrives where that was chosen, without credentials where there are none", async () => {
  const { port, heard } = await startServer({ hideSTARTTLS: true });
  const mailer = open(port, { tlsMode: "none", credentials: null });
  expect(await mailer.send(mail)).toEqual({ ok: true });
  expect(heard).toMatchObject({ logIns: [], mails: [{ encrypted: false }] });
});

test("a server without STARTTLS hears neither password nor mail", async () => {
  const { port, heard } = await startServer({ disabledCommands: ["STARTTLS"] });
  expect(await open(port).send(mail)).toMatchObject({ ok: false, reason: "failed" });
  expect(heard).toEqual({ logIns: [], mails: [] });
});

test.each(["starttls", "implicit"] as const)(
  "over %s a server that cannot prove its name hears neither",
  async (tlsMode) => {
    for (const [certificate, host] of [
      [foreign, "localhost"],
      // Of an authority that is trusted, but for another name.
      [trusted, "127.0.0.1"],
    ] as const) {
      const { port, heard } = await startServer({ ...certificate, secure: tlsMode === "implicit" });
      const outcome = await open(port, { tlsMode, host }).send(mail);
      expect(outcome).toMatchObject({ ok: false, reason: "failed" });
      expect(heard).toEqual({ logIns: [], mails: [] });
    }
  },
);

test("what goes wrong is named, and nothing of password or mail is repeated", async () => {
  const { port, heard } = await startServer(trusted);
  const wrong = { username: "hub", password: "wr0ng-password" };
  const outcome = await open(port, { credentials: wrong }).send(mail);
  expect(outcome).toEqual({ ok: false, reason: "failed", code: "EAUTH" });
  expect(heard.mails).toEqual([]);

  const refusing = await startServer({
    ...trusted,
    onRcptTo: (_address, _at, done) => done(new Error(`${mail.text} ${password}`)),
  });
  expect(await open(refusing.port).send(mail)).toEqual({
    ok: false,
    reason: "failed",
    code: "EENVELOPE",
  });
});

test("a server that is not there is an outcome", async () => {
  const unused = createServer();
  await new Promise<void>((resolve) => unused.listen(0, "127.0.0.1", resolve));
  const { port } = unused.address() as AddressInfo;
  await new Promise<void>((resolve) => unused.close(() => resolve()));
  expect(await open(port, { host: "127.0.0.1" }).send(mail)).toMatchObject({
    ok: false,
    reason: "failed",
  });
});

test.each([
  { to: "ann@example.com, bob@example.com" },
  { to: "ann@example.com\r\nBcc: bob@example.com" },
  { to: "Ann <ann@example.com>" },
  { subject: "Hello\r\nBcc: bob@example.com" },
])("%o is not sent", async (wrong) => {
  const { port, heard } = await startServer(trusted);
  expect(await open(port).send({ ...mail, ...wrong })).toEqual({ ok: false, reason: "unfit" });
  expect(heard.mails).toEqual([]);
});

test("a server that does not answer cannot pile up mail", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const mailer = open((silent.address() as AddressInfo).port, { host: "127.0.0.1" });
  const sent = Array.from({ length: 25 }, () => mailer.send(mail));
  const busy = await Promise.all(sent.slice(20));
  expect(busy).toEqual(Array.from({ length: 5 }, () => ({ ok: false, reason: "busy" })));
  // Once it goes away, those that waited for it end.
  silent.on("connection", (socket) => void socket.destroy());
  for (const socket of sockets) socket.destroy();
  const ended = await Promise.all(sent.slice(0, 20));
  expect(ended.every((outcome) => !outcome.ok && outcome.reason === "failed")).toBe(true);
  silent.close();
});

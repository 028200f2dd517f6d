import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { acceptInvitation, setUpFirstAdmin } from "../../test-support/log-in.ts";
import { cleanUp, startTestHub } from "../../test-support/start-links.ts";

/** A hub that mails through a server on this machine, which hears everything and may refuse it. */
async function start({ refuses = false } = {}) {
  const mails: { to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (refuses) return done(new Error("no room"));
        // Quoted-printable, its long lines put together again.
        const text = Buffer.concat(chunks).toString().replaceAll("=\r\n", "");
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.server.address() as AddressInfo;
  const { hub, url, log } = await startTestHub({
    kind: "hub",
    publicUrl: "https://hub.example.com",
    mail: {
      host: "127.0.0.1",
      port,
      credentials: null,
      fromAddress: "hub@example.com",
      tlsMode: "none",
    },
  });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  return { url, log, mails, admin: createClient(AdminService, ann.transport) };
}

test("an invitation is mailed, and its link works", async () => {
  const { url, log, mails, admin } = await start();
  const made = await admin.invite({ role: Role.USER, email: " bob@example.com " });
  expect(made).toMatchObject({ mailed: true, invitation: { email: "bob@example.com" } });
  expect(mails).toMatchObject([{ to: ["bob@example.com"] }]);
  const { text = "" } = mails[0] ?? {};
  expect(text).toContain("ann invites you to LeapMux on hub.example.com.");
  const [, token = ""] = /https:\/\/hub\.example\.com\/invite#(lmi_[\w-]{43})/.exec(text) ?? [];
  expect(token).toBe(made.token);
  expect((await admin.listInvitations({})).invitations).toMatchObject([
    { email: "bob@example.com" },
  ]);
  const bob = await acceptInvitation(url, token, {
    username: "bob",
    password: "bobs long password",
  });
  expect(bob.userId).toMatch(/^usr_/);
  expect(log.join("")).not.toContain(token);
});

test("a mail that is refused leaves an invitation whose link is shown", async () => {
  const { url, log, admin } = await start({ refuses: true });
  const made = await admin.invite({ role: Role.USER, email: "bob@example.com" });
  expect(made).toMatchObject({ mailed: false, invitation: { email: "" } });
  expect(log.join("")).toContain("invitation not mailed");
  expect(log.join("")).not.toContain("bob@example.com");
  await acceptInvitation(url, made.token, { username: "bob", password: "bobs long password" });
});

test.each(["bob", "bob@example.com, eve@example.com", "bob@example.com\r\nBcc: eve@example.com"])(
  "%j is refused, and nobody is invited",
  async (email) => {
    const { mails, admin } = await start();
    const error = await admin.invite({ role: Role.USER, email }).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.InvalidArgument });
    expect((await admin.listInvitations({})).invitations).toEqual([]);
    expect(mails).toEqual([]);
  },
);

test("without an address, or without a mail server, nothing is mailed", async () => {
  const { mails, admin } = await start();
  expect(await admin.invite({ role: Role.USER, email: "" })).toMatchObject({ mailed: false });
  expect(mails).toEqual([]);

  const { hub, url } = await startTestHub({ kind: "hub" });
  const ann = await setUpFirstAdmin(url, hub.setUpUrl);
  const calls = createClient(AdminService, ann.transport);
  const made = await calls.invite({ role: Role.USER, email: "bob@example.com" });
  expect(made).toMatchObject({ mailed: false, invitation: { email: "" } });
});

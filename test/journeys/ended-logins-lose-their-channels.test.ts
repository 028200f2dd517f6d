/**
 * Every way in which a login ends (issue: channels do not outlive their credential), with an open channel and a
 * running terminal: the channel closes, the client is told why, the login is worth nothing any more, and whoever
 * was spared goes on in the same terminal.
 */
import { systemClock } from "@leapmux/hub/ops/hub-clock.ts";
import { inviteBob, revocations } from "@leapmux/hub/test-support/revocations.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { createClient } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startFurtherWorker, startSystem } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { within } from "../harness/until.ts";

test.each(revocations)("$name", async ({ act, reason, sparesActing }) => {
  const cleanup = cleanupAfterTest();
  let laterMs = 0;
  const clock = { ...systemClock, wallMs: () => Date.now() + laterMs };
  const system = await startSystem(cleanup, { kind: "hub", mode: "classic", clock });
  const { url, admin } = system;
  if (admin === undefined) throw new Error("a hub with logins has an admin");
  const { victim, acting } = await inviteBob(url, admin);
  await startFurtherWorker(cleanup, system, "classic", victim.userId);

  const client = await connectClient(cleanup, url, { headers: victim.headers });
  const channel = await client.channel();
  const { view, terminalId } = await openShell(channel);
  view.type("held=by-$((40 + 2))\r");
  await settle(view);
  const spared = await connectClient(cleanup, url, { headers: acting.headers });
  const sparedChannel = await spared.channel();

  await act({ victim, acting, admin, passTime: () => (laterMs += 8 * 24 * 60 * 60_000) });

  expect(await within(channel.closed, "the channel to close")).toBe("credential_revoked");
  expect((await within(client.link.closed, "the link to close")).code).toBe(4001);
  const told = client.link.received
    .map(({ body }) => body)
    .filter((body) => body.case === "loginEnded");
  expect(told.map(({ value }) => value)).toMatchObject([{ reason }]);
  const info = await createClient(SystemService, victim.transport).getSystemInfo({});
  expect(info).toMatchObject({ userId: "", setupRequired: false });
  await expect(connectClient(cleanup, url, { headers: victim.headers })).rejects.toThrow(/401/);

  if (sparesActing) {
    const again = makeTerminalView(terminalId);
    await again.attach(sparedChannel.terminals);
    again.type("echo still-$held\r");
    await again.untilText("still-by-42");
  } else {
    expect(await within(sparedChannel.closed, "the other channel to close")).toBe(
      "credential_revoked",
    );
  }
});

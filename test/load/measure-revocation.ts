/**
 * `revocation_ms`: from the commit that ends a login to the end of its open channel at the client. Written by
 * another process, where the moment of the commit is known and the hub has to look for it; and by a call of the
 * hub itself, from sending that call, beside a call that changes nothing.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { makeLogins } from "@leapmux/hub/store/logins.ts";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { logIn } from "@leapmux/hub/test-support/log-in.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { startHubWithLogins } from "./bench-parts.ts";
import { connectRelayPeers } from "./relay-peers.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const ownCount = 60;
const foreignCount = 30;

export async function measureRevocation(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const hub = await startHubWithLogins(cleanup);
    const { url, admin, directory } = hub;
    const peers = await connectRelayPeers(cleanup, hub);
    const account = createClient(AccountService, admin.transport);

    /** A login with one open channel, and when that ended. */
    async function openOne(): Promise<{ loginId: string; closed: Promise<number> }> {
      const login = await logIn(url);
      const { logins } = await createClient(AccountService, login.transport).listLogins({});
      const loginId = logins.find(({ current }) => current)?.loginId ?? "";
      const { link, channelIds } = await peers.openLink(1, login.headers);
      const closed = new Promise<number>((resolve) => {
        link.onFrames(channelIds[0] ?? "", () => resolve(performance.now()));
      });
      return { loginId, closed };
    }

    const own: number[] = [];
    const bare: number[] = [];
    for (let count = 0; count < ownCount; count += 1) {
      const { loginId, closed } = await openOne();
      const bareStartMs = performance.now();
      await account.listLogins({});
      bare.push(elapsedMs(bareStartMs));
      const startMs = performance.now();
      await account.endLogin({ loginId });
      own.push((await closed) - startMs);
    }

    const store = await openStore(directory);
    cleanup.add(() => store.destroy());
    const logins = makeLogins(store, { maxLoginsPerUser: 1_000_000 });
    const foreign: number[] = [];
    for (let count = 0; count < foreignCount; count += 1) {
      const { loginId, closed } = await openOne();
      // The hub looks once in a second: at any moment of it.
      await wait(Math.random() * 1_000);
      await logins.end(admin.userId, loginId, "ended_by_admin", Date.now());
      const committedMs = performance.now();
      foreign.push((await closed) - committedMs);
    }
    return {
      revocation_ms: {
        call_p50: round(percentile(own, 0.5)),
        call_p99: round(percentile(own, 0.99)),
        bare_call_p50: round(percentile(bare, 0.5)),
        other_process_p50: round(percentile(foreign, 0.5)),
        other_process_p99: round(percentile(foreign, 0.99)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

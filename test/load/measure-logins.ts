/**
 * `logins_s`: log-ins per second with the right password, as many at once as there are accounts, beside the bare
 * hash with the hub's parameters, as many at once as the hub computes.
 */
import { argon2, randomBytes } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { acceptInvitation, connectAs, logIn } from "@leapmux/hub/test-support/log-in.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { startHubWithLogins } from "./bench-parts.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const accounts = 8;
const logInsEach = 25;
/** `maxPasswordHashes` of the hub. */
const hashesAtOnce = 2;

export async function measureLogins(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const { url, admin } = await startHubWithLogins(cleanup);
    const invitations = createClient(AdminService, admin.transport);
    const people: { username: string; password: string }[] = [];
    for (let number = 0; number < accounts; number += 1) {
      const { token } = await invitations.invite({ role: Role.USER });
      const person = { username: `person-${number}`, password: `a stapled battery ${number}` };
      await acceptInvitation(url, token, person);
      people.push(person);
    }
    const tookMs: number[] = [];
    const everybody = async (times: number): Promise<void> => {
      await Promise.all(
        people.map(async (person) => {
          for (let count = 0; count < times; count += 1) {
            const startMs = performance.now();
            await logIn(url, person);
            tookMs.push(elapsedMs(startMs));
          }
        }),
      );
    };
    await everybody(2);
    tookMs.length = 0;
    const startMs = performance.now();
    await everybody(logInsEach);
    const perSecond = (accounts * logInsEach) / (elapsedMs(startMs) / 1000);

    const hashes = accounts * logInsEach;
    const bareStartMs = performance.now();
    await Promise.all(
      Array.from({ length: hashesAtOnce }, async () => {
        for (let count = 0; count < hashes / hashesAtOnce; count += 1) await hash();
      }),
    );
    const barePerSecond = hashes / (elapsedMs(bareStartMs) / 1000);
    const calls = createClient(SystemService, connectAs(url));
    const otherMs: number[] = [];
    const busy = everybody(5);
    let isBusy = true;
    void busy.finally(() => (isBusy = false));
    while (isBusy) {
      const callStartMs = performance.now();
      await calls.getSystemInfo({});
      otherMs.push(elapsedMs(callStartMs));
    }
    await busy;
    return {
      logins_s: {
        per_s: round(perSecond),
        bare_argon2_per_s: round(barePerSecond),
        p50_ms: round(percentile(tookMs, 0.5)),
        other_call_p99_ms: round(percentile(otherMs, 0.99)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

function hash(): Promise<void> {
  const message = "a stapled battery";
  const parameters = { parallelism: 1, memory: 19_456, passes: 2, tagLength: 32 };
  return new Promise((resolve, reject) => {
    argon2("argon2id", { message, nonce: randomBytes(16), ...parameters }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

// `leapmux admin` both ways at one hub: beside it on its data directory, and over the network with the login
// of an admin. What is shown must be the same.
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type { LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import type { Cleanup } from "../harness/make-cleanup.ts";
import { startHub, type HubOptions, type StartedHub } from "../harness/start-hub.ts";
import { runLeapmux, type Ran } from "./run-leapmux.ts";

export const ways = ["offline", "online"] as const;
export type Way = (typeof ways)[number];

export interface AdminPlace {
  readonly started: StartedHub;
  readonly admin: LoggedIn;
  readonly passwordFile: string;
  run(way: Way, ...args: string[]): Promise<Ran>;
}

export async function startAdminPlace(
  cleanup: Cleanup,
  options: HubOptions = {},
): Promise<AdminPlace> {
  const started = await startHub(cleanup, { kind: "hub", ...options });
  const { admin, directory, url } = started;
  if (admin === undefined) throw new Error("this hub has no admin");
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, "another long password\n");
  const tokens = createClient(TokensAdminService, admin.transport);
  const { pair } = await tokens.issueToken({
    userId: admin.userId,
    clientName: "test",
    scopes: ["admin"],
    lifeMs: 86_400_000n,
  });
  const env = { XDG_CONFIG_HOME: join(directory, "config"), HOME: directory, TZ: "Asia/Kolkata" };
  return {
    started,
    admin,
    passwordFile,
    run: (way, ...args) =>
      way === "offline"
        ? runLeapmux(cleanup, ["admin", ...args, "--data-dir", join(directory, "hub")], { env })
        : runLeapmux(cleanup, ["admin", ...args, "--hub", url], {
            env: { ...env, LEAPMUX_ADMIN_TOKEN: pair?.accessToken ?? "" },
          }),
  };
}

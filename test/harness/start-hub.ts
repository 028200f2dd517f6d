/** A hub in this process, on a free port, its state in a directory that goes away. */
import { join } from "node:path";
import type { HubLimits } from "@leapmux/hub/config/hub-limits.ts";
import { createHub, type Hub } from "@leapmux/hub/context.ts";
import type { HubOptions as OwnOptions } from "@leapmux/hub/hub-options.ts";
import { setUpFirstAdmin, type LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import { pino, type Logger } from "pino";
import { rememberLogin } from "./known-logins.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

export interface HubOptions extends Partial<
  Pick<
    OwnOptions,
    "kind" | "clock" | "publicUrl" | "loginIdleMs" | "isSignUpEnabled" | "allowLoopbackProviders"
  >
> {
  readonly limits?: Partial<HubLimits>;
  /** At a hub with logins nobody makes the first account: that is for the test. */
  readonly isEmpty?: boolean;
  readonly frontendDir?: string;
}

export interface StartedHub {
  readonly url: string;
  readonly port: number;
  readonly hub: Hub;
  readonly directory: string;
  readonly logger: Logger;
  /** Lines that were logged with `logger`. */
  readonly log: readonly string[];
  /** The first account, at a hub with logins: clients that do not say who they are are this one. */
  readonly admin: LoggedIn | undefined;
}

/** Tests open more channels in a minute than people do; those about rates set their own. */
const unhurried: Partial<HubLimits> = { openingBurst: 10_000 };

export async function startHub(cleanup: Cleanup, options: HubOptions = {}): Promise<StartedHub> {
  const { isEmpty = false, ...own } = options;
  const directory = await makeTemporaryDirectory(cleanup);
  const log: string[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void log.push(line) });
  const hub = await createHub({
    kind: "solo",
    version: "0.0.0-test",
    listen: { host: "127.0.0.1", port: 0 },
    dataDir: join(directory, "hub"),
    logger,
    ...own,
    limits: { ...unhurried, ...options.limits },
  });
  cleanup.add(() => hub.close());
  const { url, port } = hub.address;
  const admin =
    hub.setUpUrl === null || isEmpty ? undefined : await setUpFirstAdmin(url, hub.setUpUrl);
  if (admin !== undefined) rememberLogin(url, admin);
  return { url, port, hub, directory, logger, log, admin };
}

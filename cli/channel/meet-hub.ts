import { HubKind, SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import type { CallHub } from "@leapmux/shared/client/hub-answer.ts";
import { isUserId } from "@leapmux/shared/identity/sign-claim.ts";
import { CommandError } from "../command-error.ts";
import { isLoopback } from "../config/value-types.ts";
import type { StoredLogins } from "../local/stored-logins.ts";
import { makeCallHub } from "./call-hub.ts";
import { RefusedError } from "./refused-error.ts";

/** A hub that knows who we are, or one in solo mode on this machine, which need not. */
export interface KnownHub {
  readonly hub: string;
  readonly isSolo: boolean;
  readonly userId: string;
  readonly loginToken: string | undefined;
  readonly callHub: CallHub;
}

export async function meetHub(
  hub: string,
  logins: StoredLogins,
  signal: AbortSignal,
): Promise<KnownHub> {
  const { loginToken } = logins.read(hub);
  const callHub = makeCallHub(hub, loginToken);
  const answer = await callHub(SystemService.method.getSystemInfo, {}, { signal });
  signal.throwIfAborted();
  if (!answer.ok) throw unreachable(hub, answer.code);
  const { kind, userId } = answer.response;
  if (kind === HubKind.SOLO) {
    // Without a login everything hangs on who can reach it, and beyond this machine that is anybody.
    const { hostname, port } = new URL(hub);
    if (!isLoopback({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) })) {
      throw new RefusedError(
        `${hub} is in solo mode, which has no logins, and is not on this machine`,
        "Use it on its own machine, or a hub with logins (leapmux hub).",
      );
    }
    // Solo mode asks for less: neither who we are nor whether the worker's key is right.
    if (loginToken !== undefined) {
      throw new RefusedError(
        `${hub} had logins, and says now that it is in solo mode`,
        `If that is what it is meant to be: leapmux logout ${hub} --forget`,
      );
    }
    return { hub, isSolo: true, userId, loginToken, callHub };
  }
  if (loginToken === undefined || userId === "") throw notLoggedIn(hub, loginToken !== undefined);
  if (!isUserId(userId)) throw strange(hub);
  return { hub, isSolo: false, userId, loginToken, callHub };
}

export function notLoggedIn(hub: string, hadLogin: boolean): RefusedError {
  const message = hadLogin
    ? `the login of this command line at ${hub} is over`
    : `this command line has no login at ${hub}`;
  return new RefusedError(message, `Log in: leapmux login ${hub}`);
}

/** For a call that failed; of the hub's words nothing is shown. */
export function unreachable(hub: string, code: string): CommandError {
  if (code === "internal") return strange(hub);
  if (code === "unauthenticated") return notLoggedIn(hub, true);
  const next = "Check the address and whether it runs, then try again.";
  return new CommandError("failure", `the hub at ${hub} cannot be reached`, next);
}

function strange(hub: string): CommandError {
  const next = "Check the address. It may be another version, too.";
  return new CommandError("failure", `${hub} answers in a way that no LeapMux hub does`, next);
}

import type { ServiceImpl } from "@connectrpc/connect";
import { CliLoginState, type LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { cliPollIntervalMs, type Polled } from "../../accounts/cli-logins.ts";
import { describeAccount } from "../account/describe-account.ts";
import type { AccountParts } from "../account-parts.ts";
import { placeOf } from "../call-place.ts";
import { requireShort } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { requireStart } from "./require-start.ts";

/** The command line's half of its log-in; the browser's is in account/cli-approval-calls. */
export function cliLoginCalls(
  parts: AccountParts,
): Pick<ServiceImpl<typeof LoginService>, "startCliLogin" | "pollCliLogin"> {
  const { cliLogins, users, openLogin, factors, wallMs, log } = parts;

  return {
    startCliLogin(_request, context) {
      requireStart(parts.starts, context);
      const started = cliLogins.start({ ...placeOf(context), isCli: true });
      if (started === null) throw refuse("throttled", undefined, cliPollIntervalMs);
      return {
        deviceCode: started.deviceCode,
        userCode: started.userCode,
        expiresAtMs: BigInt(wallMs() + started.lifeMs),
        pollIntervalMs: cliPollIntervalMs,
      };
    },

    async pollCliLogin(request) {
      const polled = cliLogins.poll(requireShort(request.deviceCode, "device_code"));
      if (polled.state !== "approved") return { state: states[polled.state] };
      const { userId, epoch, approvedBy, place } = polled;
      const user = await users.find(userId);
      const login = user && (await openLogin(userId, { epoch, approvedBy }, place));
      // Whoever approved is logged out, or changed the password since: their word counts no more.
      if (user === undefined || login == null) return { state: CliLoginState.EXPIRED };
      log.info("command line logged in", { userId, loginId: login.loginId });
      parts.announceChange(userId, { account: true });
      return {
        state: CliLoginState.APPROVED,
        loginToken: login.token,
        account: await describeAccount(user, factors),
      };
    },
  };
}

const states: Record<Exclude<Polled["state"], "approved">, CliLoginState> = {
  waiting: CliLoginState.WAITING,
  denied: CliLoginState.DENIED,
  expired: CliLoginState.EXPIRED,
};

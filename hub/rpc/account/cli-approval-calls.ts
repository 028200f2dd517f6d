import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { AccountParts } from "../account-parts.ts";
import { principalOf } from "../call-principal.ts";
import { requireShort } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { requireAccount } from "./confirm-password.ts";

const noSuchCode = "no command line waits with this code: check it, or start anew there";

/** The browser's half of a command line's log-in: it shows who asks, a person decides. */
export function cliApprovalCalls(
  parts: AccountParts,
): Pick<ServiceImpl<typeof AccountService>, "readCliLogin" | "answerCliLogin"> {
  const { cliLogins, starts, wallMs } = parts;

  /** Codes are short: nobody may try many of them to find somebody else's command line. */
  function requireTry(context: HandlerContext): void {
    const retryAfterMs = starts.take(principalOf(context).userId);
    if (retryAfterMs > 0) throw refuse("throttled", undefined, retryAfterMs);
  }

  return {
    readCliLogin(request, context) {
      requireTry(context);
      const found = cliLogins.find(requireShort(request.userCode, "user_code"));
      if (found === undefined) throw refuse("not_found", noSuchCode);
      return {
        userAgent: found.userAgent,
        address: found.address,
        expiresAtMs: BigInt(Math.round(wallMs() + found.leftMs)),
      };
    },

    async answerCliLogin(request, context) {
      requireTry(context);
      const { userId, loginId } = principalOf(context);
      if (loginId === null) throw refuse("unauthenticated");
      const { epoch } = await requireAccount(parts, context);
      const answered = cliLogins.answer(
        requireShort(request.userCode, "user_code"),
        request.approve
          ? { state: "approved", userId, epoch, approvedBy: loginId }
          : { state: "denied" },
      );
      if (!answered) throw refuse("not_found", noSuchCode);
      return {};
    },
  };
}

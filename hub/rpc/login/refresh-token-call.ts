import type { ServiceImpl } from "@connectrpc/connect";
import type { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { readApiToken } from "../../accounts/api-token.ts";
import { networkOf } from "../../accounts/network-of.ts";
import type { AccountParts } from "../account-parts.ts";
import { placeOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";
import { describePair } from "../token/describe-token.ts";

const refused =
  "this refresh token is not known, was used before, has expired or was revoked: issue a new token";

/** Whoever has a refresh token needs nothing else; wrong ones are counted by network. */
export function refreshTokenCall(
  parts: AccountParts,
): Pick<ServiceImpl<typeof LoginService>, "refreshToken"> {
  const { tokenIssue, tokenFailures, log } = parts;
  return {
    async refreshToken(request, context) {
      const tokenId = readApiToken(request.refreshToken, "refresh");
      if (tokenId === null) throw refuse("token_refused", refused);
      const network = [networkOf(placeOf(context).address)];
      const refreshed = await tokenIssue.refresh(tokenId, request.refreshToken);
      if (!refreshed.ok) {
        const { reason } = refreshed;
        // Only whoever has a wrong one waits, and none of the neighbours.
        const waitMs = tokenFailures.check(network);
        if (reason === "unknown") tokenFailures.failed(network);
        if (reason === "unknown" && waitMs > 0) throw refuse("throttled", undefined, waitMs);
        if (reason === "busy") throw refuse("throttled", undefined, refreshed.retryAfterMs);
        if (reason === "reused") {
          log.warn("a refresh token was used again: its token has ended", { tokenId });
          await parts.reactToRevocations();
        }
        throw refuse("token_refused", refused);
      }
      return { tokenId, pair: describePair(refreshed.pair) };
    },
  };
}

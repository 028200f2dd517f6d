import type { ServiceImpl } from "@connectrpc/connect";
import type { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { tokenScopes } from "../../accounts/token-scopes.ts";
import { confirmPassword } from "../account/confirm-password.ts";
import type { AccountParts } from "../account-parts.ts";
import { principalOf } from "../call-principal.ts";
import { requireTokenId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { describePair, describeToken } from "./describe-token.ts";
import { readTokenRequest } from "./read-token-request.ts";

/** The caller's own API tokens. The gate lets logins alone in. */
export function tokenService(parts: AccountParts): ServiceImpl<typeof TokenService> {
  const { tokens, tokenIssue, announceChange, limits, wallMs, log } = parts;
  return {
    async createToken(request, context) {
      const wanted = readTokenRequest(request, limits);
      const { userId, role } = principalOf(context);
      const needsAdmin = wanted.scopes.includes("admin");
      if (needsAdmin && role !== "admin") throw refuse("admin_required");
      const { epoch } = await confirmPassword(parts, context, request.password);
      const issued = await tokenIssue.issue(
        { ...wanted, userId, issuedBy: userId, parentTokenId: null, endsByMs: Infinity },
        { epoch, needsAdmin, issuer: null },
      );
      if (!issued.ok) {
        if (issued.reason !== "limit_reached") throw refuse("credential_revoked");
        throw refuse("limit_reached", "there are too many tokens: revoke one first");
      }
      const { pair } = issued;
      log.info("token created", { userId, tokenId: pair.tokenId });
      announceChange(userId, { account: true });
      const row = await tokens.findListed(pair.tokenId);
      if (row === undefined) throw refuse("credential_revoked");
      return { token: describeToken(row), pair: describePair(pair) };
    },

    async listTokens(_request, context) {
      const { userId, role } = principalOf(context);
      const rows = await tokens.list(userId, wallMs());
      const scopes = Object.entries(tokenScopes)
        .filter(([name]) => name !== "admin" || role === "admin")
        .map(([name, meaning]) => ({ name, meaning }));
      return { tokens: rows.map(describeToken), scopes };
    },

    async revokeToken(request, context) {
      const { userId } = principalOf(context);
      const tokenId = requireTokenId(request.tokenId);
      const revoked = await tokens.revoke({ tokenId, userId }, "ended_by_user", wallMs());
      if (!revoked) throw refuse("not_found");
      await parts.reactToRevocations();
      announceChange(userId, { account: true });
      return {};
    },
  };
}

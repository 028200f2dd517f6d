import type { ServiceImpl } from "@connectrpc/connect";
import { TokenKind as WireKind } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type {
  OwnedTokenSchema,
  TokensAdminService,
} from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Principal } from "../../accounts/authenticator.ts";
import { consoleId } from "../../accounts/console-authenticator.ts";
import type { TokenScope } from "../../accounts/token-scopes.ts";
import { normaliseUsername } from "../../accounts/username.ts";
import type { ListedToken } from "../../store/api-tokens.ts";
import type { TokenKind, UserRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";
import { actingAdmin, principalOf } from "../call-principal.ts";
import { requireShort, requireTokenId, requireUserId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { describePair, describeToken } from "../token/describe-token.ts";
import { readTokenRequest } from "../token/read-token-request.ts";
import { readPage } from "./admin-page.ts";
import { isTokenPlace, readTokenPlace, tokenPlace } from "./token-place.ts";

export type TokensAdminParts = Pick<
  AccountParts,
  | "users"
  | "tokens"
  | "tokenIssue"
  | "announceChange"
  | "reactToRevocations"
  | "limits"
  | "wallMs"
  | "log"
>;

/** Tokens of others. The gate has asked for the role admin, and of a token for the scope, before any of this runs. */
export function tokensAdminService(
  parts: TokensAdminParts,
): ServiceImpl<typeof TokensAdminService> {
  const { users, tokens, tokenIssue, announceChange, limits, wallMs, log } = parts;

  async function requireUser({ userId, username }: Selector): Promise<UserRow> {
    if ((userId === "") === (username === "")) {
      throw refuse("invalid_request", "name the user by exactly one of user_id and username");
    }
    const found =
      userId === ""
        ? await users.findByName(normaliseUsername(requireShort(username, "username")))
        : await users.find(requireUserId(userId));
    if (found === undefined) throw refuse("not_found", "there is no such user");
    return found;
  }

  /** What a token issues is never more than it is itself; gives when that has to end. */
  async function requireWithin({ token: own }: Principal, scopes: readonly TokenScope[]) {
    if (own === undefined) return Infinity;
    const lacking = scopes.find((scope) => !own.scopes.includes(scope));
    if (lacking !== undefined) {
      throw refuse("scope_required", `this token lacks the scope ${lacking}, so it cannot give it`);
    }
    const row = await tokens.find(own.tokenId);
    if (row === undefined) throw refuse("credential_revoked");
    return row.ends_at_ms;
  }

  return {
    async issueToken(request, context) {
      const principal = principalOf(context);
      const wanted = readTokenRequest(request, limits);
      const endsByMs = await requireWithin(principal, wanted.scopes);
      const user = await requireUser(request);
      const needsAdmin = wanted.scopes.includes("admin");
      if (needsAdmin && user.role !== "admin") {
        throw refuse("invalid_request", "only an admin's token can have the scope admin");
      }
      const admin = actingAdmin(context);
      const issued = await tokenIssue.issue(
        {
          ...wanted,
          endsByMs,
          userId: user.user_id,
          issuedBy: admin ?? consoleId,
          parentTokenId: principal.token?.tokenId ?? null,
        },
        { epoch: user.epoch, needsAdmin, issuer: admin },
      );
      if (!issued.ok) {
        if (issued.reason !== "limit_reached") throw refuse(issued.reason);
        throw refuse("limit_reached", "this user has too many tokens: revoke one first");
      }
      const { pair } = issued;
      log.info("token issued by an admin", { userId: user.user_id, tokenId: pair.tokenId });
      announceChange(user.user_id, { account: true });
      const row = await tokens.findListed(pair.tokenId);
      if (row === undefined) throw refuse("not_found");
      return { token: ownedToken(row), pair: describePair(pair) };
    },

    async listTokensOf(request) {
      const kind = requireKind(request.kind);
      const { userId, username } = request;
      const user = userId === "" && username === "" ? undefined : await requireUser(request);
      const { rows, nextPageToken } = await readPage(request, {
        most: limits.maxTokensPerPage,
        isKey: isTokenPlace,
        keyOf: (row: ListedToken) => tokenPlace(row),
        fetch: ({ after, limit }) =>
          tokens.listPage({
            ...{ kind, userId: user?.user_id, nowMs: wallMs(), limit },
            after: readTokenPlace(after),
          }),
      });
      return { tokens: rows.map(ownedToken), nextPageToken };
    },

    async revokeTokenOf(request, context) {
      const kind = requireKind(request.kind);
      const tokenId = requireTokenId(request.tokenId);
      const row = await tokens.find(tokenId);
      const revoked = await tokens.revokeOf({ tokenId, kind }, actingAdmin(context), wallMs());
      if (revoked === "not_found") throw refuse("not_found", "there is no such token");
      if (revoked !== "revoked") throw refuse(revoked);
      log.info("token revoked by an admin", { tokenId });
      await parts.reactToRevocations();
      if (row !== undefined) announceChange(row.user_id, { account: true });
      return {};
    },
  };
}

interface Selector {
  readonly userId: string;
  readonly username: string;
}

function requireKind(kind: WireKind): TokenKind {
  if (kind === WireKind.API) return "api";
  if (kind === WireKind.DELEGATION) return "delegation";
  throw refuse("invalid_request", "kind must be api or delegation");
}

function ownedToken(row: ListedToken): MessageInitShape<typeof OwnedTokenSchema> {
  return { token: describeToken(row), userId: row.user_id, username: row.username };
}

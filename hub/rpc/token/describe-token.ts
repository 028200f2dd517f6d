import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ApiTokenSchema, TokenPairSchema } from "@leapmux/proto/hub/v1/token_pb.ts";
import { consoleId } from "../../accounts/console-authenticator.ts";
import type { TokenPair } from "../../accounts/issue-token.ts";
import { decodeScopes } from "../../accounts/token-scopes.ts";
import type { ListedToken } from "../../store/api-tokens.ts";

export function describeToken(row: ListedToken): MessageInitShape<typeof ApiTokenSchema> {
  const { issued_by: issuer, user_id: owner } = row;
  const issuerName = issuer === consoleId ? issuer : (row.issuer_name ?? "");
  return {
    tokenId: row.token_id,
    clientName: row.client_name,
    scopes: [...decodeScopes(row.scopes)],
    createdAtMs: BigInt(row.created_at_ms),
    lastUsedAtMs: BigInt(row.last_used_at_ms),
    accessExpiresAtMs: BigInt(row.access_expires_at_ms),
    refreshExpiresAtMs: BigInt(row.expires_at_ms),
    endsAtMs: BigInt(row.ends_at_ms),
    issuedBy: issuer === owner ? "" : issuerName,
  };
}

export function describePair(pair: TokenPair): MessageInitShape<typeof TokenPairSchema> {
  return {
    accessToken: pair.accessToken,
    refreshToken: pair.refreshToken,
    accessExpiresAtMs: BigInt(pair.accessExpiresAtMs),
    refreshExpiresAtMs: BigInt(pair.refreshExpiresAtMs),
  };
}

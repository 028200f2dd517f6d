import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LoginSchema } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { LoginRow } from "../../store/schema.ts";

/** As its owner sees it, and an admin. */
export function loginOf(
  row: LoginRow,
  ownLoginId: string | null,
): MessageInitShape<typeof LoginSchema> {
  return {
    loginId: row.login_id,
    current: row.login_id === ownLoginId,
    createdAtMs: BigInt(row.created_at_ms),
    lastSeenAtMs: BigInt(row.last_seen_at_ms),
    expiresAtMs: BigInt(row.expires_at_ms),
    userAgent: row.user_agent,
    address: row.address,
    cli: row.cli === 1,
  };
}

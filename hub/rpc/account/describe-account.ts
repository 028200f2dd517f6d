import type { MessageInitShape } from "@bufbuild/protobuf";
import { Role as WireRole, type AccountSchema } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { SecondFactors } from "../../accounts/second-factors.ts";
import type { Role, UserRow } from "../../store/schema.ts";

/** An account as its owner sees it. */
export async function describeAccount(
  user: UserRow,
  factors: SecondFactors,
): Promise<MessageInitShape<typeof AccountSchema>> {
  return {
    userId: user.user_id,
    username: user.username,
    displayName: user.display_name,
    role: wireRoleOf(user.role),
    hasPassword: user.password_hash !== null,
    ...(await factors.describe(user.user_id)),
  };
}

/** Whoever is at a solo hub: its admin, with nothing to log in with. */
export const soloAccount: MessageInitShape<typeof AccountSchema> = {
  userId: "solo",
  username: "solo",
  displayName: "solo",
  role: WireRole.ADMIN,
};

export function wireRoleOf(role: Role): WireRole {
  return role === "admin" ? WireRole.ADMIN : WireRole.USER;
}

/** Null: none of ours. */
export function roleOf(role: WireRole): Role | null {
  if (role === WireRole.ADMIN) return "admin";
  return role === WireRole.USER ? "user" : null;
}

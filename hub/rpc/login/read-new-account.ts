import { makeAccountId } from "../../accounts/account-tokens.ts";
import { checkUsername } from "../../accounts/username.ts";
import type { NewUser } from "../../store/users.ts";
import { hashChosenPassword } from "../account/choose-password.ts";
import type { AccountParts } from "../account-parts.ts";
import { requireShort, requireTitle } from "../check-request.ts";
import { refuse } from "../refusal.ts";

export type NewAccountParts = Pick<AccountParts, "hasher" | "random" | "wallMs">;

/** What somebody chose for a new account, checked, the password hashed. */
export async function readNewAccount(
  parts: NewAccountParts,
  chosen: { readonly username: string; readonly displayName: string; readonly password: string },
  isFirst = false,
): Promise<Omit<NewUser, "role">> {
  const checked = checkUsername(requireShort(chosen.username, "username"), { isFirst });
  if (!checked.ok) throw refuse("invalid_request", checked.message);
  const { username } = checked;
  const displayName =
    chosen.displayName === "" ? username : requireTitle(chosen.displayName, "display_name");
  const passwordHash = await hashChosenPassword(parts.hasher, chosen.password, username);
  return {
    user_id: makeAccountId(parts.random, "usr_"),
    username,
    display_name: displayName,
    password_hash: passwordHash,
    created_at_ms: parts.wallMs(),
  };
}

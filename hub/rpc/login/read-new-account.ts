import { makeAccountId } from "../../accounts/account-tokens.ts";
import type { TurnCaller } from "../../accounts/fair-turns.ts";
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
  by: {
    readonly caller: TurnCaller;
    readonly isFirst?: boolean;
    /** The hub was too busy to hash the password. */
    readonly onBusy?: () => void;
  },
): Promise<Omit<NewUser, "role">> {
  const { caller, isFirst = false, onBusy } = by;
  const checked = checkUsername(requireShort(chosen.username, "username"), { isFirst });
  if (!checked.ok) throw refuse("invalid_request", checked.message);
  const { username } = checked;
  const displayName =
    chosen.displayName === "" ? username : requireTitle(chosen.displayName, "display_name");
  const { password } = chosen;
  const passwordHash = await hashChosenPassword(parts.hasher, password, username, caller, onBusy);
  return {
    user_id: makeAccountId(parts.random, "usr_"),
    username,
    display_name: displayName,
    password_hash: passwordHash,
    created_at_ms: parts.wallMs(),
  };
}

import type { TurnCaller } from "../../accounts/fair-turns.ts";
import { HasherBusyError, type PasswordHasher } from "../../accounts/password-hash.ts";
import { checkPassword } from "../../accounts/password-rules.ts";
import { refuse } from "../refusal.ts";

/**
 * A new password: refused when it breaks the rules, hashed when it does not. `onBusy` runs when nobody has
 * time for that.
 */
export async function hashChosenPassword(
  hasher: PasswordHasher,
  password: string,
  username: string,
  caller: TurnCaller,
  onBusy?: () => void,
): Promise<string> {
  const checked = checkPassword(password, { username });
  if (!checked.ok) throw refuse("password_unfit", checked.message);
  try {
    return await hasher.hash(password, caller);
  } catch (error) {
    if (!(error instanceof HasherBusyError)) throw error;
    onBusy?.();
    throw refuse("throttled", undefined, error.retryAfterMs);
  }
}

import type { InvitationRow, LoginRow } from "../store/schema.ts";
import type { NewUser } from "../store/users.ts";

/** Rows of accounts for tests of the store: what does not matter is filled in. */
export function makeUser(name: string, change: Partial<NewUser> = {}): NewUser {
  return {
    user_id: `usr_${name}`,
    username: name,
    display_name: name,
    role: "user",
    password_hash: "hash",
    created_at_ms: 0,
    ...change,
  };
}

export function makeLogin(id: string, userId: string, change: Partial<LoginRow> = {}): LoginRow {
  return {
    login_id: id,
    user_id: userId,
    token_hash: `hash of ${id}`,
    created_at_ms: 0,
    last_seen_at_ms: 0,
    expires_at_ms: 1_000,
    user_agent: "",
    address: "",
    cli: 0,
    ...change,
  };
}

export function makeInvitation(id: string, change: Partial<InvitationRow> = {}): InvitationRow {
  return {
    invitation_id: id,
    token_hash: `hash of ${id}`,
    role: "user",
    invited_by: "usr_ann",
    resets_user_id: null,
    email: "",
    created_at_ms: 0,
    expires_at_ms: 1_000,
    ...change,
  };
}

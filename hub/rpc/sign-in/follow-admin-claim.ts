import { systemActor } from "../../audit/audit-event.ts";
import type { ProvenIdentity } from "../../sign-in/identity-provider.ts";
import type { SignIn } from "../../sign-in/sign-in.ts";
import type { IdentityRow, ProviderRow, UserRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";

/**
 * Where a claim makes admins, it is followed at each sign-in: it gives the role, and takes back what it gave. It
 * never takes a role that was given here, and never the last admin's.
 */
export async function followAdminClaim(
  parts: Pick<AccountParts, "users" | "announceChange" | "log"> & {
    readonly signIn: Pick<SignIn, "identities" | "audit">;
  },
  of: {
    readonly user: UserRow;
    readonly linked: IdentityRow;
    readonly identity: ProvenIdentity;
    readonly provider: ProviderRow;
  },
): Promise<UserRow> {
  const { users, signIn, announceChange, log } = parts;
  const { user, identity, provider, linked } = of;
  if (provider.admin_claim === "") return user;
  const { user_id: userId, role } = user;
  const isTakenBack = !identity.isAdmin && linked.gave_admin === 1;
  if (identity.isAdmin && role !== "admin") {
    // First what it is known by, so that it can be taken back whatever happens between.
    await signIn.identities.setGaveAdmin(linked.identity_id, true);
    if ((await users.setRole(userId, "admin", null)) !== "changed") return user;
    log.info("made an admin by a claim", { userId, providerId: provider.provider_id });
  } else if (isTakenBack) {
    const changed = role === "admin" ? await users.setRole(userId, "user", null) : "changed";
    if (changed !== "changed") {
      log.warn("still an admin against a claim", { userId, reason: changed });
      return user;
    }
    await signIn.identities.setGaveAdmin(linked.identity_id, false);
    log.info("no admin any more by a claim", { userId, providerId: provider.provider_id });
  } else {
    return user;
  }
  await signIn.audit.record({
    actor: systemActor,
    address: "",
    action: "user.role_changed",
    target: { kind: "user", id: userId },
    result: "done",
    detail: { by: provider.provider_id, admin: identity.isAdmin ? 1 : 0 },
  });
  announceChange(userId, { account: true });
  return (await users.find(userId)) ?? user;
}

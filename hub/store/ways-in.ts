import type { Store } from "./open-store.ts";

/**
 * Part of a transaction: whether an account could still be entered if something were gone. What counts is a
 * password, a passkey, and an identity of a provider that is not switched off.
 */
export async function hasWayIn(
  db: Store,
  userId: string,
  without: { readonly identityId?: string; readonly credentialId?: string } = {},
): Promise<boolean> {
  const { identityId = "", credentialId = "" } = without;
  const row = await db
    .selectFrom("users")
    .select("user_id")
    .where("user_id", "=", userId)
    .where((of) =>
      of.or([
        of("password_hash", "is not", null),
        of.exists(
          of
            .selectFrom("passkeys")
            .select("passkeys.user_id")
            .whereRef("passkeys.user_id", "=", "users.user_id")
            .where("credential_id", "!=", credentialId),
        ),
        of.exists(
          of
            .selectFrom("identities")
            .innerJoin("providers", "providers.provider_id", "identities.provider_id")
            .select("identities.user_id")
            .whereRef("identities.user_id", "=", "users.user_id")
            .where("enabled", "=", 1)
            .where("identity_id", "!=", identityId),
        ),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

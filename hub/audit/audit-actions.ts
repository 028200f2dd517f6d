/**
 * Everything that the audit log knows. Closed: what is not here cannot be written, so that whoever reads a
 * log of years knows every word of it. An action is named group.done, and never changes its meaning.
 */
export const auditActions = [
  "hub.started",
  "hub.stopped",
  "hub.set_up",

  "audit.key_made",
  "audit.key_rotated",
  "audit.exported",
  "audit.rotation_ordered",
  "audit.lost",

  "login.opened",
  "login.failed",
  "login.ended",
  "login.ended_others",
  "login.approved",
  "login.purged",

  "account.signed_up",
  "account.joined",
  "account.renamed",
  "account.deleted",
  "account.password_changed",
  "account.factor_added",
  "account.factor_removed",
  "account.recovery_codes_made",
  "account.identity_linked",
  "account.identity_unlinked",

  "user.created",
  "user.changed",
  "user.password_set",
  "user.role_changed",
  "user.logins_ended",
  "user.password_reset",
  "user.deleted",
  "invitation.made",
  "invitation.withdrawn",

  "worker.registered",
  "worker.changed",
  "worker.deregistered",
  "worker.link_refused",
  "worker.paired",
  "registration_key.made",
  "registration_key.extended",
  "registration_key.destroyed",
  "registration_key.purged",

  "device.approval_asked",
  "device.approval_answered",
  "device.granted",
  "device.revoked",

  "channel.opened",
  "channel.refused",
  "channel.closed",

  "workspace.made",
  "workspace.renamed",
  "workspace.deleted",

  "token.made",
  "token.refreshed",
  "token.revoked",

  "provider.added",
  "provider.enabled",
  "provider.disabled",
  "provider.removed",

  "settings.changed",
  "settings.reset",

  "encryption_key.rotated",
  "encryption_key.reencrypted",
  "encryption_key.removed",
  "pepper.rotated",

  "admin.refused",
] as const;

export type AuditAction = (typeof auditActions)[number];

/** These steer the verification and come from the chain itself. */
export type KeyAction = "audit.key_made" | "audit.key_rotated";

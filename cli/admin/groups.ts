import type { AdminGroup } from "./admin-command.ts";
import { auditGroup } from "./audit.ts";
import { backupGroup } from "./backup.ts";
import { dbGroup } from "./db.ts";
import { encryptionKeyGroup } from "./encryption-key.ts";
import { oauthProviderGroup } from "./oauth-provider.ts";
import { settingsGroup } from "./settings.ts";
import { apiTokenGroup, delegationTokenGroup } from "./tokens.ts";
import { invitationGroup } from "./invitation.ts";
import { loginGroup } from "./login.ts";
import { userGroup } from "./user.ts";
import { workerGroup } from "./worker.ts";

/** Everything behind `leapmux admin`, in the order of the help. */
export const adminGroups: readonly AdminGroup[] = [
  userGroup,
  loginGroup,
  invitationGroup,
  workerGroup,
  apiTokenGroup,
  delegationTokenGroup,
  oauthProviderGroup,
  settingsGroup,
  encryptionKeyGroup,
  auditGroup,
  dbGroup,
  backupGroup,
];

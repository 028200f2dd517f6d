import type { AdminGroup } from "./admin-command.ts";
import { encryptionKeyGroup } from "./encryption-key.ts";
import { settingsGroup } from "./settings.ts";
import { apiTokenGroup, delegationTokenGroup } from "./tokens.ts";
import { userGroup } from "./user.ts";

/** Everything behind `leapmux admin`, in the order of the help. */
export const adminGroups: readonly AdminGroup[] = [
  userGroup,
  apiTokenGroup,
  delegationTokenGroup,
  settingsGroup,
  encryptionKeyGroup,
];

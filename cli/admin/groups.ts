import type { AdminGroup } from "./admin-command.ts";
import { backupGroup } from "./backup.ts";
import { encryptionKeyGroup } from "./encryption-key.ts";
import { userGroup } from "./user.ts";

/** Everything behind `leapmux admin`, in the order of the help. */
export const adminGroups: readonly AdminGroup[] = [userGroup, encryptionKeyGroup, backupGroup];

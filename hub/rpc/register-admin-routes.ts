import type { ConnectRouter } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { ProviderAdminService } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import { WorkerAdminService } from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type { KeyOperations } from "../keystore/key-operations.ts";
import type { LiveSettings } from "../settings/live-settings.ts";
import type { SettingRows } from "../store/setting-rows.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { LoginAdministration } from "../store/login-administration.ts";
import type { WorkerAdministration } from "../store/worker-administration.ts";
import { auditAdminService, type AuditAdminParts } from "./admin/audit/audit-admin-service.ts";
import { adminService, type AdminAccountParts } from "./admin/admin-service.ts";
import { loginAdminService } from "./admin/logins/login-admin-service.ts";
import { workerAdminService } from "./admin/workers/worker-admin-service.ts";
import { keyAdminService } from "./admin/keys/key-admin-service.ts";
import {
  providerAdminService,
  type ProviderAdminParts,
} from "./admin/providers/provider-admin-service.ts";
import { settingsAdminService, type SettingsAdminParts } from "./admin/settings-admin-service.ts";
import { tokensAdminService, type TokensAdminParts } from "./admin/tokens-admin-service.ts";
import { callOptions, type CallGuards } from "./call-options.ts";
import {
  adminActions,
  keyAdminActions,
  loginAdminActions,
  providerAdminActions,
  refuseInSolo,
  settingsAdminActions,
  tokensAdminActions,
} from "./refuse-in-solo.ts";

export interface AdminRouteParts {
  readonly accounts: AdminAccountParts & TokensAdminParts;
  readonly loginAdministration: LoginAdministration;
  readonly workerAdministration: WorkerAdministration;
  readonly keyOperations: KeyOperations;
  readonly audits: AuditAdminParts;
  readonly settings: LiveSettings;
  readonly settingRows: SettingRows;
  /** Null: nothing can be sealed. */
  readonly keystore: SettingsAdminParts["keystore"];
  /** Null in solo. */
  readonly signIn: ProviderAdminParts["signIn"] | null;
  readonly log: HubLog;
}

/**
 * What admins call, over the network or as `leapmux admin` on a data directory. Nothing here may need a
 * listener or a relay: what is open in a running hub is ended through durable revocations.
 */
export function registerAdminRoutes(
  router: ConnectRouter,
  parts: AdminRouteParts,
  guards: CallGuards,
  { isSolo = false } = {},
): void {
  const options = callOptions(guards, "admin");
  // Solo keeps one too.
  router.service(AuditAdminService, auditAdminService(parts.audits), options);
  router.service(
    AdminService,
    isSolo ? refuseInSolo<typeof AdminService>(adminActions) : adminService(parts.accounts),
    options,
  );
  router.service(
    LoginAdminService,
    isSolo
      ? refuseInSolo<typeof LoginAdminService>(loginAdminActions)
      : loginAdminService({ ...parts.accounts, ...parts }),
    options,
  );
  // Solo has workers as well.
  router.service(WorkerAdminService, workerAdminService({ ...parts.accounts, ...parts }), options);
  router.service(
    KeyAdminService,
    isSolo
      ? refuseInSolo<typeof KeyAdminService>(keyAdminActions)
      : keyAdminService({ ...parts, limits: parts.accounts.limits }),
    options,
  );
  router.service(
    TokensAdminService,
    isSolo
      ? refuseInSolo<typeof TokensAdminService>(tokensAdminActions)
      : tokensAdminService(parts.accounts),
    options,
  );
  const { signIn } = parts;
  router.service(
    ProviderAdminService,
    isSolo || signIn === null
      ? refuseInSolo<typeof ProviderAdminService>(providerAdminActions)
      : providerAdminService({ ...parts.accounts, signIn }),
    options,
  );
  const { users, wallMs } = parts.accounts;
  router.service(
    SettingsAdminService,
    isSolo
      ? refuseInSolo<typeof SettingsAdminService>(settingsAdminActions)
      : settingsAdminService({ ...parts, users, wallMs }),
    options,
  );
}

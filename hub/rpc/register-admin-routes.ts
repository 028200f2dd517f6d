import type { ConnectRouter } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type { KeyOperations } from "../keystore/key-operations.ts";
import type { HubLog } from "../ops/hub-log.ts";
import { auditAdminService, type AuditAdminParts } from "./admin/audit/audit-admin-service.ts";
import { adminService, type AdminAccountParts } from "./admin/admin-service.ts";
import { keyAdminService } from "./admin/keys/key-admin-service.ts";
import { tokensAdminService, type TokensAdminParts } from "./admin/tokens-admin-service.ts";
import { callOptions, type CallGuards } from "./call-options.ts";
import {
  adminActions,
  keyAdminActions,
  refuseInSolo,
  tokensAdminActions,
} from "./refuse-in-solo.ts";

export interface AdminRouteParts {
  readonly accounts: AdminAccountParts & TokensAdminParts;
  readonly keyOperations: KeyOperations;
  readonly audits: AuditAdminParts;
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
    KeyAdminService,
    isSolo ? refuseInSolo<typeof KeyAdminService>(keyAdminActions) : keyAdminService(parts),
    options,
  );
  router.service(
    TokensAdminService,
    isSolo
      ? refuseInSolo<typeof TokensAdminService>(tokensAdminActions)
      : tokensAdminService(parts.accounts),
    options,
  );
}

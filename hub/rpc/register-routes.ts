import { Code, ConnectError, type ConnectRouter, type Interceptor } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { KeyOperations } from "../keystore/key-operations.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { LogRefusal } from "../ops/log-refusals.ts";
import type { AnnounceChange } from "../relay/announce-change.ts";
import type { Relay } from "../relay/relay.ts";
import type { ApprovalRequests } from "../store/approval-requests.ts";
import type { DeviceRevocations } from "../store/device-revocations.ts";
import type { Grants } from "../store/grants.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { RegistrationKeys } from "../store/registration-keys.ts";
import type { Workers } from "../store/workers.ts";
import type { Workspaces } from "../store/workspaces.ts";
import type { AccountParts } from "./account-parts.ts";
import { accountService } from "./account/account-service.ts";
import { keyAdminService } from "./admin/keys/key-admin-service.ts";
import { adminService } from "./admin/admin-service.ts";
import { tokensAdminService } from "./admin/tokens-admin-service.ts";
import { admitAnybody, askAgain, requireAdmin, requirePrincipal } from "./call-principal.ts";
import { channelService } from "./channel/channel-service.ts";
import { deviceService } from "./device/device-service.ts";
import { loginService } from "./login/login-service.ts";
import {
  accountActions,
  adminActions,
  keyAdminActions,
  loginActions,
  refuseInSolo,
  tokenActions,
  tokensAdminActions,
} from "./refuse-in-solo.ts";
import { refuse } from "./refusal.ts";
import { systemService } from "./system/system-service.ts";
import { tokenService } from "./token/token-service.ts";
import { requireWorker } from "./worker-link/authenticate-worker.ts";
import { relayedLinkMethod, workerLinkMethod } from "./worker-link/worker-link-service.ts";
import { workerRegistrationService } from "./worker-registration/worker-registration-service.ts";
import { registrationMethods } from "./worker/registration-methods.ts";
import { workerService } from "./worker/worker-service.ts";
import { workspaceService } from "./workspace/workspace-service.ts";

export interface RouteParts {
  readonly kind: "solo" | "hub" | "dev";
  readonly version: string;
  readonly isExposed: () => boolean;
  readonly accounts: AccountParts;
  readonly frontendHash: string;
  readonly relay: Relay;
  readonly workspaces: Workspaces;
  readonly workers: Workers;
  readonly registrationKeys: RegistrationKeys;
  readonly approvalRequests: ApprovalRequests;
  readonly grants: Grants;
  readonly revocations: DeviceRevocations;
  readonly keyedHash: KeyedHash;
  readonly keyOperations: KeyOperations;
  readonly announceChange: AnnounceChange;
  readonly log: HubLog;
  readonly logRefusal: LogRefusal;
}

/** What people's clients call: each call needs a principal, each body is small. */
export function registerUserRoutes(router: ConnectRouter, parts: RouteParts): void {
  const { relay, log, accounts } = parts;
  const { authenticator } = accounts;
  const { wallMs } = relay.clock;
  const isSolo = parts.kind === "solo";
  const optionsOf = (
    gate: "anybody" | "known" | "admin",
    requestGate: ReturnType<typeof requirePrincipal>,
  ) => ({
    requestGate,
    readMaxBytes: relay.limits.maxControlBytes,
    interceptors: [hideInternals(log), refuseWhileStopping(relay), askAgain(authenticator, gate)],
  });
  const options = optionsOf("known", requirePrincipal(authenticator));
  const open = optionsOf("anybody", admitAnybody(authenticator));
  const admins = optionsOf("admin", requireAdmin(authenticator));
  router.service(
    LoginService,
    isSolo ? refuseInSolo<typeof LoginService>(loginActions) : loginService(accounts),
    open,
  );
  router.service(
    AccountService,
    isSolo ? refuseInSolo<typeof AccountService>(accountActions) : accountService(accounts),
    options,
  );
  router.service(
    AdminService,
    isSolo ? refuseInSolo<typeof AdminService>(adminActions) : adminService(accounts),
    admins,
  );
  router.service(
    KeyAdminService,
    isSolo ? refuseInSolo<typeof KeyAdminService>(keyAdminActions) : keyAdminService(parts),
    admins,
  );
  router.service(
    TokenService,
    isSolo ? refuseInSolo<typeof TokenService>(tokenActions) : tokenService(accounts),
    options,
  );
  router.service(
    TokensAdminService,
    isSolo
      ? refuseInSolo<typeof TokensAdminService>(tokensAdminActions)
      : tokensAdminService(accounts),
    admins,
  );
  router.service(SystemService, systemService({ ...parts, ...accounts }), open);
  router.service(
    WorkerService,
    { ...workerService(parts), ...registrationMethods(parts) },
    options,
  );
  router.service(DeviceService, deviceService(parts), options);
  router.service(
    WorkspaceService,
    workspaceService({
      ...parts,
      wallMs,
      makeId: () => Buffer.from(relay.random(16)).toString("base64url"),
    }),
    options,
  );
  router.service(ChannelService, channelService({ ...parts, authenticator }), options);
}

/** What workers call, over the network or in the hub's own process: their own credentials, nothing else. */
export function registerWorkerRoutes(router: ConnectRouter, parts: RouteParts): void {
  const { relay, log, workers, keyedHash } = parts;
  const { random, limits } = relay;
  router.service(
    WorkerRegistrationService,
    workerRegistrationService({ ...parts, random, wallMs: relay.clock.wallMs }),
    {
      readMaxBytes: limits.maxControlBytes,
      interceptors: [hideInternals(log), refuseWhileStopping(relay)],
    },
  );
  router.rpc(relayedLinkMethod, workerLinkMethod(parts), {
    requestGate: requireWorker(workers, keyedHash),
    readMaxBytes: limits.maxLinkMessageBytes,
    interceptors: [hideInternals(log)],
  });
}

/** What is not a refusal of ours is a fault of ours: logged without contents, and no word of it outside. */
function hideInternals(log: HubLog): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      log.failure("call failed", error, { method: request.method.name });
      throw new ConnectError("the hub failed: its log says where", Code.Internal);
    }
  };
}

function refuseWhileStopping(relay: Relay): Interceptor {
  return (next) => (request) => {
    if (relay.isStopping) throw refuse("going_away", undefined, relay.limits.retryAfterMs);
    return next(request);
  };
}

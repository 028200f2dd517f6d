import type { ConnectRouter } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { KeyOperations } from "../keystore/key-operations.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { HubMetrics } from "../ops/hub-metrics.ts";
import type { LogRefusal } from "../ops/log-refusals.ts";
import type { AnnounceChange } from "../relay/announce-change.ts";
import type { Relay } from "../relay/relay.ts";
import type { LiveSettings } from "../settings/live-settings.ts";
import type { ApprovalRequests } from "../store/approval-requests.ts";
import type { DeviceRevocations } from "../store/device-revocations.ts";
import type { Grants } from "../store/grants.ts";
import type { LoginAdministration } from "../store/login-administration.ts";
import type { WorkerAdministration } from "../store/worker-administration.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { RegistrationKeys } from "../store/registration-keys.ts";
import type { SettingRows } from "../store/setting-rows.ts";
import type { Workers } from "../store/workers.ts";
import type { Workspaces } from "../store/workspaces.ts";
import type { AccountParts } from "./account-parts.ts";
import type { AuditChain } from "../audit/audit-chain.ts";
import type { AuditReader } from "../audit/audit-reader.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import { accountService } from "./account/account-service.ts";
import { auditCalls, auditWorkerGate } from "./audit/audit-calls.ts";
import {
  callOptions,
  hideInternals,
  refuseWhileStopping,
  type CallGuards,
} from "./call-options.ts";
import { channelService } from "./channel/channel-service.ts";
import { deviceService } from "./device/device-service.ts";
import { loginService } from "./login/login-service.ts";
import { accountActions, loginActions, refuseInSolo, tokenActions } from "./refuse-in-solo.ts";
import { registerAdminRoutes } from "./register-admin-routes.ts";
import { systemService } from "./system/system-service.ts";
import { tokenService } from "./token/token-service.ts";
import { traceCalls } from "./trace-calls.ts";
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
  readonly loginAdministration: LoginAdministration;
  readonly workerAdministration: WorkerAdministration;
  readonly keyOperations: KeyOperations;
  readonly settings: LiveSettings;
  readonly settingRows: SettingRows;
  /** Null in solo, which seals nothing. */
  readonly keystore: Keystore | null;
  readonly announceChange: AnnounceChange;
  readonly audit: AuditLog;
  readonly auditChain: AuditChain;
  readonly auditReader: AuditReader;
  /** Null: nobody may ask for them, so nothing is counted. */
  readonly metrics: HubMetrics | null;
  readonly log: HubLog;
  readonly logRefusal: LogRefusal;
}

/** What people's clients call: each call needs a principal, each body is small. */
export function registerUserRoutes(router: ConnectRouter, parts: RouteParts): void {
  const { relay, log, accounts, audit } = parts;
  const { authenticator } = accounts;
  const { wallMs } = relay.clock;
  const isSolo = parts.kind === "solo";
  const guards: CallGuards = {
    authenticator,
    log,
    goingAwayMs: () => goingAwayMs(relay),
    maxControlBytes: relay.limits.maxControlBytes,
    audit,
    metrics: parts.metrics,
  };
  const options = callOptions(guards, "known");
  const open = callOptions(guards, "anybody");
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
    TokenService,
    isSolo ? refuseInSolo<typeof TokenService>(tokenActions) : tokenService(accounts),
    options,
  );
  const audits = {
    chain: parts.auditChain,
    reader: parts.auditReader,
    signEveryEntries: relay.limits.auditSignEveryEntries,
    wallMs,
  };
  registerAdminRoutes(router, { ...parts, audits, signIn: accounts.signIn }, guards, { isSolo });
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
  const { relay, log, workers, keyedHash, audit } = parts;
  const { random, limits } = relay;
  router.service(
    WorkerRegistrationService,
    workerRegistrationService({ ...parts, random, wallMs: relay.clock.wallMs }),
    {
      readMaxBytes: limits.maxControlBytes,
      interceptors: [
        traceCalls(parts.metrics),
        hideInternals(log),
        refuseWhileStopping(() => goingAwayMs(relay)),
        auditCalls(audit, "anybody"),
      ],
    },
  );
  router.rpc(relayedLinkMethod, workerLinkMethod(parts), {
    requestGate: auditWorkerGate(audit, requireWorker(workers, keyedHash)),
    readMaxBytes: limits.maxLinkMessageBytes,
    interceptors: [hideInternals(log)],
  });
}

function goingAwayMs({ isStopping, limits }: Relay): number | null {
  return isStopping ? limits.retryAfterMs : null;
}

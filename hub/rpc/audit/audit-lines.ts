import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import { WorkerAdminService } from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { ProviderAdminService } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { CliLoginState, LoginService, type LogInResponse } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import {
  WorkerLinkService,
  WorkerRegistrationService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { AuditActor, AuditDetail, AuditTarget } from "../../audit/audit-event.ts";
import type { AuditLine, LinesOf } from "./audit-line.ts";

/** Every method of the hub, and what the audit log makes of it. Whoever adds a method adds its line. */

const at =
  (kind: AuditTarget["kind"]) =>
  (id: string | undefined): AuditTarget => ({ kind, id: id ?? "" });
const user = at("user");
const login = at("login");
const worker = at("worker");
const key = at("registration_key");
const device = at("device");
const invitation = at("invitation");
const workspace = at("workspace");
const token = at("token");

const userActor = (id: string): AuditActor => ({ kind: "user", id, via: "" });

const entering = {
  refusedAs: "login.failed",
  // Where a second factor is asked for, nobody is in yet.
  counts: ({ result }: LogInResponse) => result.case === "account",
  becomes: ({ result }: LogInResponse) =>
    userActor(result.case === "account" ? result.value.userId : ""),
} as const;

const loginLines: LinesOf<typeof LoginService> = {
  setUp: { ...entering, action: "hub.set_up" },
  signUp: { ...entering, action: "account.signed_up" },
  readInvitation: "reads",
  acceptInvitation: { ...entering, action: "account.joined" },
  logIn: { ...entering, action: "login.opened" },
  startPasskeyLogIn: "prepares",
  readSignIn: "reads",
  finishSignUp: { ...entering, action: "account.signed_up" },
  finishLogIn: { ...entering, action: "login.opened" },
  logOut: { action: "login.ended" },
  startCliLogin: "prepares",
  refreshToken: {
    action: "token.refreshed",
    refusedAs: "login.failed",
    target: (_, response) => token(response?.tokenId),
  },
  pollCliLogin: {
    action: "login.opened",
    refusedAs: "login.failed",
    counts: ({ state }) => state === CliLoginState.APPROVED,
    becomes: ({ account }) => userActor(account?.userId ?? ""),
  },
};

const factor = (action: "account.factor_added" | "account.factor_removed", kind: string) => ({
  action,
  detail: () => ({ kind }),
});

const accountLines: LinesOf<typeof AccountService> = {
  getAccount: "reads",
  changeDisplayName: { action: "account.renamed" },
  changePassword: { action: "account.password_changed" },
  deleteAccount: { action: "account.deleted" },
  listLogins: "reads",
  endLogin: { action: "login.ended", target: ({ loginId }) => login(loginId) },
  endOtherLogins: {
    action: "login.ended_others",
    detail: (_, response) => ({ count: response?.ended ?? 0 }),
  },
  startTotp: "prepares",
  finishTotp: factor("account.factor_added", "totp"),
  removeTotp: factor("account.factor_removed", "totp"),
  makeRecoveryCodes: { action: "account.recovery_codes_made" },
  startPasskeyRegistration: "prepares",
  finishPasskeyRegistration: factor("account.factor_added", "passkey"),
  removePasskey: factor("account.factor_removed", "passkey"),
  listIdentities: "reads",
  // What comes of it is appended when the browser is back.
  startLinking: "prepares",
  unlinkIdentity: {
    action: "account.identity_unlinked",
    detail: ({ identityId }) => ({ identity: identityId }),
  },
  readCliLogin: "reads",
  answerCliLogin: {
    action: "login.approved",
    detail: ({ approve }) => ({ approved: approve ? 1 : 0 }),
  },
};

const adminLines: LinesOf<typeof AdminService> = {
  listUsers: "reads",
  getUser: "reads",
  createUser: {
    action: "user.created",
    target: (_, response) => user(response?.user?.userId ?? ""),
    detail: ({ role }) => ({ role }),
  },
  updateUser: { action: "user.changed", target: ({ userId }) => user(userId) },
  setPassword: { action: "user.password_set", target: ({ userId }) => user(userId) },
  setRole: {
    action: "user.role_changed",
    target: ({ userId }) => user(userId),
    detail: ({ role }) => ({ role }),
  },
  endLoginsOf: {
    action: "user.logins_ended",
    target: ({ userId }) => user(userId),
    detail: (_, response) => (response === null ? {} : { count: response.ended }),
  },
  resetPassword: { action: "user.password_reset", target: ({ userId }) => user(userId) },
  deleteUser: { action: "user.deleted", target: ({ userId }) => user(userId) },
  invite: {
    action: "invitation.made",
    target: (_, response) => invitation(response?.invitation?.invitationId),
    detail: ({ role }) => ({ role }),
  },
  listInvitations: "reads",
  withdrawInvitation: {
    action: "invitation.withdrawn",
    target: ({ invitationId }) => invitation(invitationId),
  },
};

const loginAdminLines: LinesOf<typeof LoginAdminService> = {
  listLoginsOf: "reads",
  endLoginOf: { action: "login.ended", target: ({ loginId }) => login(loginId) },
  purgeExpiredLogins: {
    action: "login.purged",
    detail: (_, response) => (response === null ? {} : { count: response.purged }),
  },
};

const workerAdminLines: LinesOf<typeof WorkerAdminService> = {
  listWorkersOf: "reads",
  getWorkerOf: "reads",
  deregisterWorkerOf: { action: "worker.deregistered", target: ({ workerId }) => worker(workerId) },
  listRegistrationKeys: "reads",
  revokeRegistrationKey: {
    action: "registration_key.destroyed",
    target: ({ keyId }) => key(keyId),
  },
  purgeExpiredRegistrationKeys: {
    action: "registration_key.purged",
    detail: (_, response) => (response === null ? {} : { count: response.purged }),
  },
};

const auditLines: LinesOf<typeof AuditAdminService> = {
  listAudit: "reads",
  exportAudit: { action: "audit.exported" },
  verifyAudit: "reads",
  exportAuditHead: "reads",
  // The chain adds the entry that names the new key.
  rotateAuditKey: { action: "audit.rotation_ordered" },
};

const keyLines: LinesOf<typeof KeyAdminService> = {
  getKeyStatus: "reads",
  rotateKey: {
    action: "encryption_key.rotated",
    detail: (_, response) => (response === null ? {} : { version: response.activeVersion }),
  },
  reencrypt: { action: "encryption_key.reencrypted" },
  removeKey: { action: "encryption_key.removed", detail: ({ version }) => ({ version }) },
  rotatePepper: { action: "pepper.rotated" },
};

const tokenLines: LinesOf<typeof TokenService> = {
  createToken: { action: "token.made", target: (_, response) => token(response?.token?.tokenId) },
  listTokens: "reads",
  revokeToken: { action: "token.revoked", target: ({ tokenId }) => token(tokenId) },
};

/** One by its name, several by as many names as a detail holds. */
function settingsIn(names: readonly string[]): { target: AuditTarget; detail: AuditDetail } {
  const [first = "", ...more] = names;
  if (more.length === 0) return { target: { kind: "setting", id: first }, detail: {} };
  const detail = { count: names.length, names: names.join(":").slice(0, 80) };
  return { target: { kind: "setting", id: "" }, detail };
}

const settingsLines: LinesOf<typeof SettingsAdminService> = {
  listSettings: "reads",
  getSetting: "reads",
  setSettings: {
    action: "settings.changed",
    target: ({ settings }) => settingsIn(settings.map(({ name }) => name)).target,
    detail: ({ settings }) => settingsIn(settings.map(({ name }) => name)).detail,
  },
  resetSettings: {
    action: "settings.reset",
    target: ({ names }) => settingsIn(names).target,
    detail: ({ names }) => settingsIn(names).detail,
  },
};

const provider = at("provider");

const providerLines: LinesOf<typeof ProviderAdminService> = {
  addProvider: {
    action: "provider.added",
    target: (_, response) => provider(response?.provider?.providerId),
  },
  listProviders: "reads",
  enableProvider: { action: "provider.enabled", target: ({ providerId }) => provider(providerId) },
  disableProvider: {
    action: "provider.disabled",
    target: ({ providerId }) => provider(providerId),
  },
  removeProvider: {
    action: "provider.removed",
    target: ({ providerId }) => provider(providerId),
    detail: ({ force }, response) => ({
      force: force ? 1 : 0,
      ...(response === null ? {} : { unlinked: response.unlinked, locked: response.lockedOut }),
    }),
  },
};

const tokensAdminLines: LinesOf<typeof TokensAdminService> = {
  issueToken: {
    action: "token.made",
    target: (_, response) => token(response?.token?.token?.tokenId),
    detail: ({ userId }, response) => ({ user: response?.token?.userId ?? userId }),
  },
  listTokensOf: "reads",
  revokeTokenOf: { action: "token.revoked", target: ({ tokenId }) => token(tokenId) },
};

const workerLines: LinesOf<typeof WorkerService> = {
  listWorkers: "reads",
  changeWorker: { action: "worker.changed", target: ({ workerId }) => worker(workerId) },
  deregisterWorker: { action: "worker.deregistered", target: ({ workerId }) => worker(workerId) },
  createRegistrationKey: {
    action: "registration_key.made",
    target: (_, response) => key(response?.keyId),
  },
  extendRegistrationKey: {
    action: "registration_key.extended",
    target: ({ keyId }) => key(keyId),
  },
  destroyRegistrationKey: {
    action: "registration_key.destroyed",
    target: ({ keyId }) => key(keyId),
  },
  getRegistration: "reads",
  answerPairing: { action: "worker.paired", target: ({ keyId }) => key(keyId) },
};

const registrationLines: LinesOf<typeof WorkerRegistrationService> = {
  register: {
    action: "worker.registered",
    target: ({ workerId }) => worker(workerId),
    becomes: (_, { workerId }) => ({ kind: "worker", id: workerId, via: "" }),
  },
};

const deviceLines: LinesOf<typeof DeviceService> = {
  requestApproval: {
    action: "device.approval_asked",
    target: (_, response) => ({ kind: "request", id: response?.request?.requestId ?? "" }),
  },
  listApprovalRequests: "reads",
  answerApproval: {
    action: "device.approval_answered",
    target: ({ requestId }) => ({ kind: "request", id: requestId }),
    detail: ({ grant }) =>
      grant === undefined
        ? { approved: 0 }
        : { approved: 1, device: grant.subjectDeviceId, by: grant.issuerDeviceId },
  },
  listGrants: "reads",
  putGrant: {
    action: "device.granted",
    target: ({ grant }) => device(grant?.subjectDeviceId),
    detail: ({ grant }) => ({ by: grant?.issuerDeviceId ?? "" }),
  },
  putRevocation: { action: "device.revoked", target: ({ deviceId }) => device(deviceId) },
  listRevocations: "reads",
};

const workspaceLines: LinesOf<typeof WorkspaceService> = {
  listWorkspaces: "reads",
  createWorkspace: {
    action: "workspace.made",
    target: (_, response) => workspace(response?.workspace?.workspaceId),
  },
  renameWorkspace: {
    action: "workspace.renamed",
    target: ({ workspaceId }) => workspace(workspaceId),
  },
  deleteWorkspace: {
    action: "workspace.deleted",
    target: ({ workspaceId }) => workspace(workspaceId),
  },
  listTabs: "reads",
  createTab: "arranges",
  moveTab: "arranges",
  deleteTab: "arranges",
};

const channelLines: LinesOf<typeof ChannelService> = {
  getWorkerHandshakeParams: "reads",
  openChannel: {
    action: "channel.opened",
    refusedAs: "channel.refused",
    target: ({ channelId }) => ({ kind: "channel", id: channelId }),
    detail: ({ workerId }) => ({ worker: workerId }),
    isUrgent: true,
  },
  // However a channel ends, the relay says so.
  closeChannel: "direct",
};

const systemLines: LinesOf<typeof SystemService> = { getSystemInfo: "reads" };

/** Of a link only the refusals are entries; what it carries are channels. */
const linkLines: LinesOf<typeof WorkerLinkService> = { link: "direct" };

const services: readonly (readonly [DescService, object])[] = [
  [LoginService, loginLines],
  [AccountService, accountLines],
  [AdminService, adminLines],
  [AuditAdminService, auditLines],
  [LoginAdminService, loginAdminLines],
  [WorkerAdminService, workerAdminLines],
  [KeyAdminService, keyLines],
  [TokenService, tokenLines],
  [TokensAdminService, tokensAdminLines],
  [ProviderAdminService, providerLines],
  [SettingsAdminService, settingsLines],
  [WorkerService, workerLines],
  [WorkerRegistrationService, registrationLines],
  [DeviceService, deviceLines],
  [WorkspaceService, workspaceLines],
  [ChannelService, channelLines],
  [SystemService, systemLines],
  [WorkerLinkService, linkLines],
];

type AnyMethod = DescMethod & { readonly input: DescMessage; readonly output: DescMessage };

const lines = new Map<string, AuditLine<AnyMethod>>();
for (const [{ typeName }, ofService] of services) {
  for (const [name, line] of Object.entries<AuditLine<AnyMethod>>({ ...ofService })) {
    lines.set(`${typeName}.${name}`, line);
  }
}

/** Undefined: nobody has thought about it, so it is not to be called. */
export function auditLineOf(method: DescMethod): AuditLine<AnyMethod> | undefined {
  return lines.get(`${method.parent.typeName}.${method.localName}`);
}

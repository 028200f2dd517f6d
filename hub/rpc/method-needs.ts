import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { AuditAdminService } from "@leapmux/proto/hub/v1/admin_audit_pb.ts";
import { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import { ProviderAdminService } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import { WorkerAdminService } from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { WorkspaceService } from "@leapmux/proto/hub/v1/workspace_pb.ts";
import type { Principal } from "../accounts/authenticator.ts";
import type { TokenScope } from "../accounts/token-scopes.ts";

/**
 * What an API token needs for each call: a scope, `login` for what only a login may do, `anybody` for what
 * needs neither. What is not declared here no token may call. Logins are not asked: they may do everything
 * that their role allows.
 */
export type MethodNeed = TokenScope | "login" | "anybody";

type Needs<Service extends DescService> = Record<keyof Service["method"], MethodNeed>;

const account: Needs<typeof AccountService> = {
  getAccount: "read",
  changeDisplayName: "login",
  changePassword: "login",
  deleteAccount: "login",
  listLogins: "login",
  endLogin: "login",
  endOtherLogins: "login",
  startTotp: "login",
  finishTotp: "login",
  removeTotp: "login",
  makeRecoveryCodes: "login",
  startPasskeyRegistration: "login",
  finishPasskeyRegistration: "login",
  removePasskey: "login",
  readCliLogin: "login",
  answerCliLogin: "login",
  listIdentities: "login",
  startLinking: "login",
  unlinkIdentity: "login",
};

const channel: Needs<typeof ChannelService> = {
  getWorkerHandshakeParams: "terminal",
  openChannel: "terminal",
  closeChannel: "terminal",
};

const device: Needs<typeof DeviceService> = {
  requestApproval: "devices",
  listApprovalRequests: "devices",
  answerApproval: "devices",
  listGrants: "devices",
  putGrant: "devices",
  putRevocation: "devices",
  listRevocations: "devices",
};

/** Nobody has to be known for these. */
const login: Needs<typeof LoginService> = {
  setUp: "anybody",
  signUp: "anybody",
  readInvitation: "anybody",
  acceptInvitation: "anybody",
  logIn: "anybody",
  startPasskeyLogIn: "anybody",
  finishLogIn: "anybody",
  readSignIn: "anybody",
  finishSignUp: "anybody",
  logOut: "anybody",
  startCliLogin: "anybody",
  pollCliLogin: "anybody",
  refreshToken: "anybody",
};

/** A token makes no tokens for its owner: it could outlive itself. */
const token: Needs<typeof TokenService> = {
  createToken: "login",
  listTokens: "login",
  revokeToken: "login",
};

const worker: Needs<typeof WorkerService> = {
  listWorkers: "read",
  changeWorker: "workers",
  deregisterWorker: "workers",
  createRegistrationKey: "workers",
  extendRegistrationKey: "workers",
  destroyRegistrationKey: "workers",
  getRegistration: "workers",
  answerPairing: "workers",
};

const workspace: Needs<typeof WorkspaceService> = {
  listWorkspaces: "read",
  createWorkspace: "workspaces",
  renameWorkspace: "workspaces",
  deleteWorkspace: "workspaces",
  listTabs: "read",
  createTab: "workspaces",
  moveTab: "workspaces",
  deleteTab: "workspaces",
};

const needs: ReadonlyMap<string, Readonly<Record<string, MethodNeed>>> = new Map([
  [AccountService.typeName, account],
  [AdminService.typeName, allAdmin(AdminService)],
  [AuditAdminService.typeName, allAdmin(AuditAdminService)],
  [ChannelService.typeName, channel],
  [DeviceService.typeName, device],
  [KeyAdminService.typeName, allAdmin(KeyAdminService)],
  [LoginAdminService.typeName, allAdmin(LoginAdminService)],
  [LoginService.typeName, login],
  [ProviderAdminService.typeName, allAdmin(ProviderAdminService)],
  [SettingsAdminService.typeName, allAdmin(SettingsAdminService)],
  [SystemService.typeName, { getSystemInfo: "anybody" } satisfies Needs<typeof SystemService>],
  [TokenService.typeName, token],
  [TokensAdminService.typeName, allAdmin(TokensAdminService)],
  [WorkerAdminService.typeName, allAdmin(WorkerAdminService)],
  [WorkerService.typeName, worker],
  [WorkspaceService.typeName, workspace],
]);

/** Every method of the administration's services needs the same. */
function allAdmin(service: DescService): Record<string, MethodNeed> {
  return Object.fromEntries(service.methods.map(({ localName }) => [localName, "admin"]));
}

/** Undefined: not declared. */
export function needOf({ parent, localName }: DescMethod): MethodNeed | undefined {
  return needs.get(parent.typeName)?.[localName];
}

export function mayCall({ token: own }: Principal, method: DescMethod): boolean {
  if (own === undefined) return true;
  const need = needOf(method);
  if (need === undefined || need === "login") return false;
  return need === "anybody" || own.scopes.includes(need);
}

/** A link carries channels and nothing else. */
export const linkScope: TokenScope = "terminal";

export function mayLink({ token: own }: Principal): boolean {
  return own === undefined || own.scopes.includes(linkScope);
}

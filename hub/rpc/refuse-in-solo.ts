import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import type { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import type { KeyAdminService } from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import type { ProviderAdminService } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import type { SettingsAdminService } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import type { TokensAdminService } from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import type { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import type { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import { refuse } from "./refusal.ts";

/** What each call would do, as a sentence about solo names it. */
type Actions<Service extends DescService> = Record<keyof Service["method"], string>;

export const loginActions: Actions<typeof LoginService> = {
  setUp: "set up",
  signUp: "sign up",
  readInvitation: "read an invitation",
  acceptInvitation: "accept an invitation",
  logIn: "log in",
  startPasskeyLogIn: "log in with a passkey",
  finishLogIn: "log in",
  readSignIn: "sign in with a provider",
  finishSignUp: "sign in with a provider",
  logOut: "log out",
  startCliLogin: "log in from a command line",
  pollCliLogin: "log in from a command line",
  refreshToken: "refresh an API token",
};

export const accountActions: Actions<typeof AccountService> = {
  getAccount: "show an account",
  changeDisplayName: "change a display name",
  changePassword: "change a password",
  deleteAccount: "delete an account",
  listLogins: "list logins",
  endLogin: "end a login",
  endOtherLogins: "end other logins",
  startTotp: "set up one-time codes",
  finishTotp: "set up one-time codes",
  removeTotp: "remove one-time codes",
  makeRecoveryCodes: "make recovery codes",
  startPasskeyRegistration: "add a passkey",
  finishPasskeyRegistration: "add a passkey",
  removePasskey: "remove a passkey",
  readCliLogin: "approve a command line",
  answerCliLogin: "approve a command line",
  listIdentities: "list linked accounts",
  startLinking: "link an account",
  unlinkIdentity: "unlink an account",
};

export const adminActions: Actions<typeof AdminService> = {
  listUsers: "list users",
  getUser: "show a user",
  createUser: "make a user",
  updateUser: "change a user",
  setPassword: "set a password",
  setRole: "change a role",
  endLoginsOf: "end logins of a user",
  resetPassword: "reset a password",
  deleteUser: "delete a user",
  invite: "invite somebody",
  listInvitations: "list invitations",
  withdrawInvitation: "withdraw an invitation",
};

export const loginAdminActions: Actions<typeof LoginAdminService> = {
  listLoginsOf: "list logins",
  endLoginOf: "end a login",
  purgeExpiredLogins: "purge logins",
};

export const keyAdminActions: Actions<typeof KeyAdminService> = {
  getKeyStatus: "show the keys",
  rotateKey: "rotate a key",
  reencrypt: "seal anew",
  removeKey: "remove a key",
  rotatePepper: "rotate the key of tokens",
};

export const providerAdminActions: Actions<typeof ProviderAdminService> = {
  addProvider: "add a provider",
  listProviders: "list providers",
  enableProvider: "enable a provider",
  disableProvider: "disable a provider",
  removeProvider: "remove a provider",
};

export const tokenActions: Actions<typeof TokenService> = {
  createToken: "make an API token",
  listTokens: "list API tokens",
  revokeToken: "revoke an API token",
};

export const tokensAdminActions: Actions<typeof TokensAdminService> = {
  issueToken: "issue an API token",
  listTokensOf: "list API tokens",
  revokeTokenOf: "revoke an API token",
};

export const settingsAdminActions: Actions<typeof SettingsAdminService> = {
  listSettings: "list settings of accounts",
  getSetting: "show a setting of accounts",
  setSettings: "change settings of accounts",
  resetSettings: "reset settings of accounts",
};

/** Solo has no accounts: whoever reaches it is its admin. Each call says what it is that makes no sense. */
export function refuseInSolo<Service extends DescService>(
  actions: Actions<Service>,
): Partial<ServiceImpl<Service>> {
  const calls = Object.entries<string>(actions).map(([name, action]) => [
    name,
    () => {
      const message = `solo mode has no accounts, so there is no way to ${action}: run \`leapmux hub\` for that`;
      throw refuse("not_in_solo", message);
    },
  ]);
  // One refusal for every name of the service, whatever it takes and gives.
  return Object.fromEntries(calls) as Partial<ServiceImpl<Service>>;
}

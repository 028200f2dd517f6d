import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { FactorParts } from "../accounts/account-factors.ts";
import type { Authenticator } from "../accounts/authenticator.ts";
import type { PasswordCheck } from "../accounts/check-password.ts";
import type { CliLogins } from "../accounts/cli-logins.ts";
import type { TokenIssue } from "../accounts/issue-token.ts";
import type { LogInThrottle } from "../accounts/log-in-throttle.ts";
import type { LoginCookie } from "../accounts/login-cookie.ts";
import type { OpenLogin } from "../accounts/open-login.ts";
import type { PasswordHasher } from "../accounts/password-hash.ts";
import type { PendingLogIns } from "../accounts/pending-log-ins.ts";
import type { SecondFactors } from "../accounts/second-factors.ts";
import type { SetUp } from "../accounts/set-up.ts";
import type { Throttle } from "../accounts/throttle.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { Mailer } from "../ops/mailer.ts";
import type { AnnounceChange } from "../relay/announce-change.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import type { ApiTokens } from "../store/api-tokens.ts";
import type { Invitations } from "../store/invitations.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Logins } from "../store/logins.ts";
import type { UserAdministration } from "../store/user-administration.ts";
import type { Users } from "../store/users.ts";

/** What the calls about logins and accounts work with; made by the hub's context. */
export interface AccountParts {
  readonly users: Users;
  readonly userAdministration: UserAdministration;
  readonly logins: Logins;
  readonly invitations: Invitations;
  readonly tokens: ApiTokens;
  readonly tokenIssue: TokenIssue;
  /** By network: tokens that nobody was given. */
  readonly tokenFailures: Throttle;
  readonly authenticator: Authenticator;
  readonly cookie: LoginCookie;
  readonly openLogin: OpenLogin;
  readonly hasher: PasswordHasher;
  /** Of those who prove a second factor, each kind by itself and by the id of the account. */
  readonly factorThrottles: Readonly<
    Record<"totpCode" | "recoveryCode" | "passkeyJson", LogInThrottle>
  >;
  readonly passwords: PasswordCheck;
  readonly factors: SecondFactors;
  /** Null in solo, where nobody logs in. */
  readonly factorParts: FactorParts | null;
  /** Null in solo. */
  readonly signIn: SignIn | null;
  /** Null: this hub sends no mail. */
  readonly mailer: () => Mailer | null;
  /** Where people open this hub; known once it listens. */
  readonly ownUrl: () => string;
  readonly pending: PendingLogIns;
  readonly cliLogins: CliLogins;
  readonly setUp: SetUp;
  readonly maySignUp: () => boolean;
  /** The first account was made. */
  readonly onSetUp: (userId: string) => void;
  /** By network: what starts something that waits. */
  readonly starts: TokenBuckets;
  /** By network: accounts that strangers make. Apart from `starts`, so that neither uses up the other. */
  readonly signUps: TokenBuckets;
  /** Behind every commit that revoked something. */
  readonly reactToRevocations: () => Promise<void>;
  readonly announceChange: AnnounceChange;
  readonly keyedHash: KeyedHash;
  readonly random: Random;
  readonly wallMs: () => number;
  readonly limits: HubLimits;
  readonly log: HubLog;
}

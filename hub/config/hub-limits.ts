import {
  defaultMaxMessageBytes,
  leastMaxMessageBytes,
  mostMaxMessageBytes,
} from "@leapmux/shared/limits/limits.ts";

/** Every bound of the hub in one place. Tests pass smaller ones. */
export interface HubLimits {
  /** Sockets open at once; beyond, new ones are dropped at accept. */
  readonly maxConnections: number;
  /** A new socket must have sent its HTTP/2 preface or its whole HTTP/1 head by then, ms. */
  readonly firstBytesTimeoutMs: number;
  /** A whole request, body included, must have arrived by then, ms. Streams and links are exempt. */
  readonly requestTimeoutMs: number;
  /** An HTTP connection without a request or stream is closed after this, ms. */
  readonly idleConnectionTimeoutMs: number;
  /** An HTTP/2 connection that leaves a ping unanswered for so long is dead, ms. */
  readonly http2PingMs: number;
  /** How often HTTP/1 deadlines are looked at, ms. */
  readonly connectionCheckIntervalMs: number;
  /** Body of a control call. */
  readonly maxControlBytes: number;
  /** One message on a link, either kind. */
  readonly maxLinkMessageBytes: number;

  /** Reassembled message of a channel, by ciphertext; negotiated down to the worker's. */
  readonly maxMessageBytes: number;
  /** Frames that wait for one consumer: of one channel, of all together. */
  readonly maxQueuedBytesPerChannel: number;
  readonly maxQueuedBytesPerLink: number;
  /** Frames that wait for anybody. Looked at with every heartbeat; beyond, the fullest links pay. */
  readonly maxQueuedBytes: number;
  /** Frames taken together into one message of a link. */
  readonly batchBytes: number;
  /** Bytes that may sit in a socket's own buffer before frames stay in the fair queue. */
  readonly socketHighWaterBytes: number;
  /** A queue that gave nothing to its consumer for so long is closed, and a link that takes no message ends, ms. */
  readonly stuckQueueMs: number;

  readonly maxClientLinksPerLogin: number;
  readonly maxChannelsPerClient: number;
  readonly maxChannelsPerLogin: number;
  /** Openings of one login: at once, and refilled per minute. */
  readonly openingBurst: number;
  readonly openingsPerMinute: number;
  /** Openings that wait for one worker's answer, and how long they may, ms. */
  readonly maxPendingOpeningsPerWorker: number;
  readonly openingTimeoutMs: number;

  /** Both kinds of link: an idle one is sent something after this, ms. */
  readonly heartbeatIdleMs: number;
  readonly heartbeatCheckMs: number;
  /** A worker that was not heard for so long is gone, ms. */
  readonly workerDeadMs: number;
  /** How often `last_seen` of workers that are online is written, ms. */
  readonly lastSeenMs: number;
  /** Ping interval of client links, ms; three unanswered ones end the link. */
  readonly clientPingMs: number;

  readonly maxWorkspaces: number;
  readonly maxTabsPerWorkspace: number;
  readonly maxWorkers: number;

  /** Registration keys live so long, ms, and so many at once. */
  readonly registrationKeyMs: number;
  readonly maxRegistrationKeys: number;
  /** Of each account, with those that are over, which are remembered for a day. */
  readonly maxRememberedKeys: number;
  /** A key is given another life only when less than this is left of it, ms. */
  readonly registrationKeyExtendableMs: number;
  /** A key that was used lives at least so long for the answer to the worker's pairing, ms. */
  readonly pairingAnswerMs: number;
  /** Different answers to its pairings that wait for one worker; the oldest goes. */
  readonly maxWaitingPairingAnswers: number;
  /** A worker that asks for the revocations of its account again gets them so often, ms. */
  readonly repeatRevocationsMs: number;
  /** A worker that was told to deregister and says nothing loses its link, and is told again on the next, ms. */
  readonly deregisterMs: number;

  /** Of each account. Revocations are never replaced and never forgotten. */
  readonly maxGrants: number;
  readonly maxDeviceRevocations: number;
  readonly maxApprovalRequests: number;
  readonly approvalRequestMs: number;

  readonly maxUsers: number;
  /** Of a list that is given page by page. */
  readonly maxUsersPerPage: number;
  /** Of the other lists for admins. */
  readonly maxRowsPerPage: number;
  readonly maxLoginsPerUser: number;
  /** Of each account. */
  readonly maxPasskeys: number;
  /** Open at once. One-time links live so long, ms: into the hub, to a new password. */
  readonly maxInvitations: number;
  readonly invitationMs: number;
  readonly passwordResetMs: number;
  /** API tokens of an account, and how long they are good: at most, the access token, a refresh token, ms. */
  readonly maxTokensPerUser: number;
  readonly maxTokensPerPage: number;
  readonly maxTokenLifeMs: number;
  readonly accessTokenMs: number;
  readonly refreshTokenMs: number;
  /** A refresh token that was used is honoured once more for so long: its answer may have been lost, ms. */
  readonly refreshGraceMs: number;
  /** Former refresh tokens that are remembered of each token. */
  readonly maxRefreshGenerations: number;
  /** Of one token, per minute. */
  readonly refreshesPerMinute: number;
  /** Wrong tokens of one network before it has to wait. */
  readonly freeTokenFailures: number;
  /** Command lines that wait for somebody to approve them: of all, and of one network. */
  readonly maxCliLogins: number;
  readonly maxCliLoginsPerNetwork: number;
  /** Of one network, per minute: what makes accounts, and what starts something that waits. */
  readonly startsPerMinute: number;
  /** Passwords that are hashed at once. */
  readonly maxPasswordHashes: number;
  /** Passwords that wait, of people who are not logged in: of all, and of one network. */
  readonly maxQueuedPasswords: number;
  readonly maxQueuedPasswordsPerNetwork: number;
  /** Passwords that wait, of people who are logged in: of all, and of one account. */
  readonly maxQueuedOwnPasswords: number;
  readonly maxQueuedPasswordsPerAccount: number;
  /** Providers that people can sign in with, and identities of one account. */
  readonly maxProviders: number;
  readonly maxIdentitiesPerUser: number;
  /** Sign-ins with a provider that are under way: of all, and of one network. */
  readonly maxSignIns: number;
  readonly maxSignInsPerNetwork: number;
  /** Sign-ins that one network begins, per minute. */
  readonly signInsPerMinute: number;
  /** Identities that wait for a user name, and how long they do, ms. */
  readonly maxPendingSignUps: number;
  readonly pendingSignUpMs: number;
  /** One answer of a provider: when it must be here, ms, and how long it may be. */
  readonly providerTimeoutMs: number;
  readonly maxProviderBytes: number;
  /** Requests to providers at once. */
  readonly maxProviderRequests: number;
  /** How often revocations of other processes and logins whose time has passed are looked for, ms. */
  readonly revocationCheckMs: number;

  /** The audit log is signed after so many entries at the latest, and after so long, ms. */
  readonly auditSignEveryEntries: number;
  readonly auditSignEveryMs: number;
  /** Entries that wait to be written because nobody may wait for them; beyond, they are counted as lost. */
  readonly maxQueuedAuditEntries: number;
  /** In each window, ms, so many entries of one kind and network or account are written; the rest as one with a number. */
  readonly auditWindowMs: number;
  readonly auditRefusalsPerWindow: number;
  readonly auditActsPerWindow: number;
  /** Networks of strangers that are told apart in one window. */
  readonly maxAuditedNetworks: number;
  /** How often the key files are looked at for what another process changed, ms. */
  readonly keyFileCheckMs: number;
  /** How often rows that have expired are purged, ms. */
  readonly purgeMs: number;

  /** Changes of the control plane that happen together are told together, ms. */
  readonly noticeDelayMs: number;
  /** What links are told to wait when the hub stops, ms; and how long stopping may take. */
  readonly retryAfterMs: number;
  readonly drainMs: number;
}

const mebibyte = 1024 * 1024;

/** A queue must hold the largest message and the credit of streams beside it, or a slow moment would close it. */
const queueHeadroomBytes = 4 * mebibyte;

const defaultHubLimits: HubLimits = {
  maxConnections: 4096,
  firstBytesTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleConnectionTimeoutMs: 75_000,
  http2PingMs: 20_000,
  connectionCheckIntervalMs: 2_000,
  maxControlBytes: 64 * 1024,
  maxLinkMessageBytes: mebibyte,

  maxMessageBytes: defaultMaxMessageBytes,
  maxQueuedBytesPerChannel: defaultMaxMessageBytes + queueHeadroomBytes,
  maxQueuedBytesPerLink: 64 * mebibyte,
  maxQueuedBytes: 512 * mebibyte,
  batchBytes: 256 * 1024,
  socketHighWaterBytes: mebibyte,
  stuckQueueMs: 30_000,

  maxClientLinksPerLogin: 64,
  maxChannelsPerClient: 64,
  maxChannelsPerLogin: 256,
  openingBurst: 60,
  openingsPerMinute: 60,
  maxPendingOpeningsPerWorker: 64,
  openingTimeoutMs: 30_000,

  heartbeatIdleMs: 5_000,
  heartbeatCheckMs: 2_000,
  workerDeadMs: 10_000,
  lastSeenMs: 60_000,
  clientPingMs: 30_000,

  maxWorkspaces: 200,
  maxTabsPerWorkspace: 100,
  maxWorkers: 100,

  registrationKeyMs: 5 * 60_000,
  maxRegistrationKeys: 20,
  maxRememberedKeys: 200,
  registrationKeyExtendableMs: 2 * 60_000,
  pairingAnswerMs: 60_000,
  maxWaitingPairingAnswers: 4,
  repeatRevocationsMs: 10_000,
  deregisterMs: 30_000,

  maxGrants: 200,
  maxDeviceRevocations: 500,
  maxApprovalRequests: 20,
  approvalRequestMs: 10 * 60_000,

  maxUsers: 10_000,
  maxUsersPerPage: 100,
  maxRowsPerPage: 200,
  maxLoginsPerUser: 100,
  maxPasskeys: 20,
  maxInvitations: 200,
  invitationMs: 7 * 24 * 60 * 60_000,
  passwordResetMs: 24 * 60 * 60_000,
  maxTokensPerUser: 50,
  maxTokensPerPage: 200,
  maxTokenLifeMs: 365 * 24 * 60 * 60_000,
  accessTokenMs: 60 * 60_000,
  refreshTokenMs: 90 * 24 * 60 * 60_000,
  refreshGraceMs: 60_000,
  maxRefreshGenerations: 2_500,
  refreshesPerMinute: 10,
  freeTokenFailures: 20,
  maxCliLogins: 1_000,
  maxCliLoginsPerNetwork: 40,
  startsPerMinute: 10,
  maxPasswordHashes: 2,
  maxQueuedPasswords: 64,
  maxQueuedPasswordsPerNetwork: 8,
  maxQueuedOwnPasswords: 16,
  maxQueuedPasswordsPerAccount: 2,
  maxProviders: 20,
  maxIdentitiesPerUser: 20,
  maxSignIns: 5_000,
  maxSignInsPerNetwork: 100,
  signInsPerMinute: 30,
  maxPendingSignUps: 1_000,
  pendingSignUpMs: 5 * 60_000,
  providerTimeoutMs: 10_000,
  maxProviderBytes: 256 * 1024,
  maxProviderRequests: 64,
  revocationCheckMs: 1_000,

  auditSignEveryEntries: 64,
  auditSignEveryMs: 5_000,
  maxQueuedAuditEntries: 4_096,
  auditWindowMs: 10 * 60_000,
  auditRefusalsPerWindow: 3,
  auditActsPerWindow: 200,
  maxAuditedNetworks: 64,
  keyFileCheckMs: 2_000,
  purgeMs: 60 * 60_000,

  noticeDelayMs: 50,
  retryAfterMs: 1_000,
  drainMs: 10_000,
};

export function makeHubLimits(chosen: Partial<HubLimits> = {}): HubLimits {
  const maxMessageBytes = chosen.maxMessageBytes ?? defaultMaxMessageBytes;
  if (maxMessageBytes < leastMaxMessageBytes || maxMessageBytes > mostMaxMessageBytes) {
    throw new Error("the largest message must be between 64 KiB and 64 MiB");
  }
  const maxQueuedBytesPerChannel = maxMessageBytes + queueHeadroomBytes;
  return {
    ...defaultHubLimits,
    maxQueuedBytesPerChannel,
    maxQueuedBytesPerLink: Math.max(
      defaultHubLimits.maxQueuedBytesPerLink,
      2 * maxQueuedBytesPerChannel,
    ),
    ...chosen,
  };
}

import { randomBytes } from "node:crypto";
import type { ConnectRouter } from "@connectrpc/connect";
import { makeTokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import { forgetFactors } from "./accounts/account-factors.ts";
import { consoleAuthenticator } from "./accounts/console-authenticator.ts";
import { makeTokenIssue } from "./accounts/issue-token.ts";
import { makePasswordHasher } from "./accounts/password-hash.ts";
import { makePasswordTurns } from "./accounts/password-turns.ts";
import { noSecondFactors } from "./accounts/second-factors.ts";
import { makeAudit } from "./make-audit.ts";
import { makeProviderConnection } from "./make-sign-in.ts";
import { makeHubLimits } from "./config/hub-limits.ts";
import { makeKeyOperations } from "./keystore/key-operations.ts";
import { makeLiveKeystore } from "./keystore/live-keystore.ts";
import { makePepperFile } from "./keystore/pepper-file.ts";
import { makeRingFile } from "./keystore/ring-file.ts";
import type { Wrapping } from "./keystore/wrapping-key.ts";
import { openWhole, type ClosingList } from "./ops/closing-list.ts";
import { systemClock } from "./ops/hub-clock.ts";
import { makeHubLog } from "./ops/hub-log.ts";
import { registerAdminRoutes, type AdminRouteParts } from "./rpc/register-admin-routes.ts";
import { makeLiveSettings } from "./settings/live-settings.ts";
import type { PinnedSettings } from "./settings/read-settings.ts";
import { makeApiTokens } from "./store/api-tokens.ts";
import { makeInvitations } from "./store/invitations.ts";
import { loadKeyedHash } from "./store/load-keyed-hash.ts";
import { makeLoginAdministration } from "./store/login-administration.ts";
import { makeWorkerAdministration } from "./store/worker-administration.ts";
import { makeLogins } from "./store/logins.ts";
import { openStore } from "./store/open-store.ts";
import { holdsSealed } from "./store/sealed-columns.ts";
import { makeProviders } from "./store/providers.ts";
import { makeSettingRows } from "./store/setting-rows.ts";
import { makeUserAdministration } from "./store/user-administration.ts";
import { makeUsers } from "./store/users.ts";

/**
 * What admins of a hub can do, on its data directory: the same services over the same store, without listener,
 * relay or watchers. A hub may run beside it; it reads what was revoked here from the database.
 */
export interface AdminConsole {
  routes(router: ConnectRouter): void;
  close(): Promise<void>;
}

interface AdminConsoleOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** Where people open this hub, as far as its configuration tells. */
  readonly hubUrl: string;
  readonly keyWrapping?: Wrapping | undefined;
  /** Settings that are secret are read or written: opens the ring at once, which may ask for its passphrase. */
  readonly needsKeys: boolean;
  /** Providers of identities may be asked over http on this host. */
  readonly allowLoopbackProviders?: boolean;
  /** What is typed for the hub of this directory, as far as its file and the environment tell. */
  readonly pinnedSettings?: PinnedSettings;
}

export function makeAdminConsole(options: AdminConsoleOptions): Promise<AdminConsole> {
  return openWhole((closing) => openConsole(options, closing));
}

async function openConsole(
  options: AdminConsoleOptions,
  closing: ClosingList,
): Promise<AdminConsole> {
  const { dataDir, allowLoopbackProviders: allowLoopback = false } = options;
  const bounds = makeHubLimits();
  const { wallMs } = systemClock;
  const random: Random = (length) => new Uint8Array(randomBytes(length));
  const log = makeHubLog(options.logger);

  const store = await openStore(dataDir);
  closing.add(() => store.destroy());
  const ringFile = makeRingFile({
    directory: dataDir,
    wrapping: options.keyWrapping ?? { kind: "none" },
    random,
    wallMs,
  });
  const pepperFile = makePepperFile(dataDir, random);
  const keyedHash = await loadKeyedHash(pepperFile, store, wallMs);

  const { audit, chain, reader } = await makeAudit({
    ...{ store, dataDir, log },
    limits: bounds,
    clock: systemClock,
  });
  closing.add(() => audit.stop());

  // Whoever lost the keys has to get as far as to hear of it: without them nothing can be sealed, no more.
  const ring = options.needsKeys
    ? await ringFile.load({ mayMake: !(await holdsSealed(store)) }).catch((error: unknown) => {
        log.failure("keys could not be read", error);
        return null;
      })
    : null;
  const checkMs = bounds.keyFileCheckMs;
  const keystore =
    ring === null
      ? null
      : makeLiveKeystore({ ring, file: ringFile, random, clock: systemClock, checkMs, log });
  closing.add(() => keystore?.stop());
  const settingRows = makeSettingRows(store);
  const settings = await makeLiveSettings({
    ...{ rows: settingRows, pinned: options.pinnedSettings ?? {}, keystore, log },
    ...{ limits: bounds, clock: systemClock },
  });
  closing.add(() => settings.stop());
  const { limits } = settings;
  const tokens = makeApiTokens(store, limits);
  const nothing = (): Promise<void> => Promise.resolve();
  const parts: AdminRouteParts = {
    accounts: {
      users: makeUsers(store, limits),
      userAdministration: makeUserAdministration(store, limits),
      logins: makeLogins(store, limits),
      invitations: makeInvitations(store, limits),
      tokens,
      tokenIssue: makeTokenIssue({
        ...{ tokens, keyedHash, random, limits, wallMs },
        refreshes: makeTokenBuckets({
          clock: systemClock,
          burst: limits.refreshesPerMinute,
          perMinute: limits.refreshesPerMinute,
        }),
      }),
      hasher: makePasswordHasher(makePasswordTurns(limits)),
      factors: { ...noSecondFactors, forget: forgetFactors },
      mailer: () => null,
      ownUrl: () => options.hubUrl,
      // Nothing is open here; a hub that runs looks at the database.
      announceChange: () => undefined,
      reactToRevocations: nothing,
      keyedHash,
      random,
      wallMs,
      limits,
      log,
    },
    loginAdministration: makeLoginAdministration(store),
    workerAdministration: makeWorkerAdministration(store),
    keyOperations: makeKeyOperations({
      store,
      ringFile,
      pepperFile,
      random,
      wallMs,
      afterChange: nothing,
    }),
    audits: { chain, reader, signEveryEntries: limits.auditSignEveryEntries, wallMs },
    settings,
    settingRows,
    keystore,
    signIn: {
      providers: makeProviders(store, limits),
      keystore,
      allowLoopback,
      connect:
        keystore && makeProviderConnection({ keystore, clock: systemClock, limits, allowLoopback }),
    },
    log,
  };
  return {
    routes(router) {
      registerAdminRoutes(router, parts, {
        authenticator: consoleAuthenticator,
        log,
        goingAwayMs: () => null,
        maxControlBytes: limits.maxControlBytes,
        audit,
        metrics: null,
      });
    },
    close: () => closing.run(),
  };
}

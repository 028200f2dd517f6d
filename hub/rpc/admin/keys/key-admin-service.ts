import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  KeyAdminService,
  KeyUseSchema,
  TokenCountsSchema,
} from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import type { KeyOperations } from "../../../keystore/key-operations.ts";
import { KeyFilesBusyError } from "../../../keystore/lock-key-files.ts";
import type { HubLog } from "../../../ops/hub-log.ts";
import type { HashCounts } from "../../../store/hashed-columns.ts";
import type { KeyUse } from "../../../store/sealed-columns.ts";
import { refuse } from "../../refusal.ts";

const maxGraceMs = 30 * 24 * 60 * 60_000;
const maxVersion = 2 ** 32 - 1;

/** The gate has asked for the role admin before any of this runs. */
export function keyAdminService(parts: {
  readonly keyOperations: KeyOperations;
  /** Asked at each use. */
  readonly limits: { readonly accessTokenMs: number };
  readonly log: HubLog;
}): ServiceImpl<typeof KeyAdminService> {
  const { keyOperations, log } = parts;

  return {
    async getKeyStatus() {
      const status = await withKeys(() => keyOperations.status());
      const { pepper } = status;
      return {
        keys: status.keys.map(({ version, madeAtMs, uses }) => ({
          version,
          active: version === status.activeVersion,
          madeAtMs: BigInt(madeAtMs ?? 0),
          uses: uses.map(keyUseOf),
        })),
        lost: status.lost.map(keyUseOf),
        wrapped: status.wrapped,
        pepperGeneration: pepper.generation,
        pepperGraceUntilMs: BigInt(pepper.formerUntilMs ?? 0),
        ...(pepper.unmoved === null ? {} : { unmoved: tokenCountsOf(pepper.unmoved) }),
        tokens: tokenCountsOf(await keyOperations.countTokens()),
      };
    },

    async rotateKey() {
      const activeVersion = await withKeys(() => keyOperations.rotate());
      log.info("encryption key rotated", { kind: "encryption.key", count: activeVersion });
      return { activeVersion };
    },

    async *reencrypt(_request, context) {
      let last = { done: 0, unreadable: 0 };
      const progress = keyOperations.reencrypt();
      for (;;) {
        const next = await withKeys(() => progress.next());
        // Whoever asked is gone, and who asks next goes on.
        if (next.done === true || context.signal.aborted) break;
        const { done, left, unreadable } = next.value;
        last = { done, unreadable };
        yield { done: BigInt(done), left: BigInt(left), unreadable: BigInt(unreadable) };
      }
      log.info("sealed anew", { kind: "encryption.key", count: last.done });
      if (last.unreadable > 0) {
        log.warn("sealed values that no key opens", { count: last.unreadable });
      }
    },

    async removeKey({ version }) {
      if (version < 1 || version > maxVersion) {
        throw refuse("invalid_request", "version must be the number of a key");
      }
      const removed = await withKeys(() => keyOperations.remove(version));
      if (removed.ok) {
        log.info("encryption key removed", { kind: "encryption.key", count: version });
        return {};
      }
      switch (removed.reason) {
        case "absent":
          throw refuse("not_found", `there is no key with version ${version}`);
        case "active":
          throw refuse(
            "key_needed",
            `version ${version} is the active key: rotate and reencrypt first`,
          );
        case "used":
          throw refuse(
            "key_needed",
            `version ${version} is still needed by ${describeUses(removed.uses)}: reencrypt first`,
          );
        case "too_early":
          throw refuse(
            "key_needed",
            "a running hub may have sealed something with it a moment ago: try again in ten seconds",
            removed.retryAfterMs,
          );
      }
    },

    async rotatePepper({ graceMs }) {
      if (graceMs > BigInt(maxGraceMs)) {
        throw refuse("invalid_request", "grace must be at most 30 days");
      }
      // An access token that is seen moves, its refresh token only when it is used.
      const leastMs = parts.limits.accessTokenMs;
      if (graceMs > 0n && graceMs < BigInt(leastMs)) {
        throw refuse(
          "invalid_request",
          `grace must be none, or at least as long as access tokens last (${leastMs / 60_000} minutes): or their refresh tokens end unseen`,
        );
      }
      const rotated = await withKeys(() => keyOperations.rotatePepper(Number(graceMs)));
      if (!rotated.ok) {
        const until = new Date(rotated.untilMs).toISOString();
        throw refuse(
          "key_needed",
          `the grace of the last rotation runs until ${until}: a second one would end tokens before their time`,
        );
      }
      const { generation, tokens, formerUntilMs } = rotated;
      log.info("token key rotated", { kind: "token-hash.key", count: generation });
      return {
        generation,
        graceUntilMs: BigInt(formerUntilMs ?? 0),
        tokens: tokenCountsOf(tokens),
      };
    },
  };
}

async function withKeys<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explainKeys(error);
  }
}

/** One writer of the key files at a time, and files that say what is wrong with them. */
function explainKeys(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof KeyFilesBusyError) return refuse("keys_busy");
  return unusable.has(error.name) ? refuse("keys_unusable", error.message) : error;
}

const unusable: ReadonlySet<string> = new Set([
  "KeyRingError",
  "LostSecretError",
  "PrivatePathError",
]);

function describeUses(uses: readonly KeyUse[]): string {
  return uses.map(({ table, column, count }) => `${count} of ${table}.${column}`).join(" and ");
}

function keyUseOf(use: KeyUse): MessageInitShape<typeof KeyUseSchema> {
  const { table, column, version, count } = use;
  return { table, column, version: version ?? 0, count: BigInt(count) };
}

function tokenCountsOf(counts: HashCounts): MessageInitShape<typeof TokenCountsSchema> {
  return {
    logins: BigInt(counts.logins),
    workers: BigInt(counts.workers),
    invitations: BigInt(counts.invitations),
    registrationKeys: BigInt(counts.registration_keys),
    recoveryCodes: BigInt(counts.recovery_codes),
    apiTokens: BigInt(counts.api_tokens),
    refreshTokens: BigInt(counts.refresh_tokens),
  };
}

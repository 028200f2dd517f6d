import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type {
  ProviderAdminService,
  ProviderSchema,
} from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { makeAccountId } from "../../../accounts/account-tokens.ts";
import type { Keystore } from "../../../keystore/keystore.ts";
import type { ConnectProvider } from "../../../sign-in/connect-provider.ts";
import { describeProviderFailure } from "../../../sign-in/provider-failure.ts";
import { callbackPathOf, type SignIn } from "../../../sign-in/sign-in.ts";
import type { ListedProvider } from "../../../store/providers.ts";
import { sealedPlace } from "../../../store/sealed-columns.ts";
import type { AccountParts } from "../../account-parts.ts";
import { requireProviderId } from "../../check-request.ts";
import { refuse } from "../../refusal.ts";
import { readNewProvider } from "./read-new-provider.ts";

export type ProviderAdminParts = Pick<AccountParts, "ownUrl" | "random" | "wallMs" | "log"> & {
  readonly signIn: Pick<SignIn, "providers" | "allowLoopback"> & {
    /** Null where the keys were not opened: nothing can be added. */
    readonly connect: ConnectProvider | null;
    readonly keystore: Keystore | null;
  };
};

/** The gate has asked for the role admin before any of this runs. */
export function providerAdminService(
  parts: ProviderAdminParts,
): ServiceImpl<typeof ProviderAdminService> {
  const { random, wallMs, log } = parts;
  const { providers, connect, keystore, allowLoopback } = parts.signIn;

  const describe = (row: ListedProvider): MessageInitShape<typeof ProviderSchema> => ({
    providerId: row.provider_id,
    type: row.type,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    scopes: row.scopes,
    trustEmail: row.trust_email === 1,
    enabled: row.enabled === 1,
    adminClaim: row.admin_claim,
    adminValue: row.admin_value,
    createdAtMs: BigInt(row.created_at_ms),
    identities: row.identities,
    soleWays: row.soleWays,
    callbackUrl: `${parts.ownUrl()}${callbackPathOf(row.provider_id)}`,
  });

  async function setEnabled(id: string, isEnabled: boolean): Promise<Record<string, never>> {
    const providerId = requireProviderId(id);
    if (!(await providers.setEnabled(providerId, isEnabled))) {
      throw refuse("not_found", "there is no such provider");
    }
    log.info(isEnabled ? "provider enabled" : "provider disabled", { providerId });
    return {};
  }

  return {
    async addProvider(request) {
      if (connect === null || keystore === null) throw refuse("keys_unusable");
      const providerId = makeAccountId(random, "prv_");
      const { provider, secret } = readNewProvider(request, { providerId, allowLoopback });
      try {
        await connect.fresh(provider, secret);
      } catch (error) {
        const { code, detail } = describeProviderFailure(error);
        log.warn("provider not added", { code, reason: detail });
        throw refuse("provider_refused", sentences[code]);
      }
      const plaintext = new TextEncoder().encode(JSON.stringify(secret));
      const row = {
        ...provider,
        client_secret: keystore.seal(sealedPlace("providerSecret", providerId), plaintext),
        enabled: 1,
        created_at_ms: wallMs(),
      };
      if ((await providers.add(row)) === "limit_reached") {
        throw refuse("limit_reached", "there are too many providers: remove one first");
      }
      log.info("provider added", { providerId, kind: row.type });
      return { provider: describe({ ...row, identities: 0, soleWays: 0 }) };
    },

    listProviders: async () => ({ providers: (await providers.list()).map(describe) }),

    enableProvider: ({ providerId }) => setEnabled(providerId, true),
    disableProvider: ({ providerId }) => setEnabled(providerId, false),

    async removeProvider(request) {
      const providerId = requireProviderId(request.providerId);
      const removed = await providers.remove(providerId, { force: request.force });
      if (!removed.ok) {
        if (removed.reason === "not_found") throw refuse("not_found", "there is no such provider");
        const { lockedOut: count } = removed;
        throw refuse(
          "sole_way_in",
          `${count === 1 ? "1 account has" : `${count} accounts have`} no other way in: disable the provider, or force it and give them a new password`,
        );
      }
      const { unlinked, lockedOut } = removed;
      log.info("provider removed", { providerId, count: unlinked });
      return { unlinked, lockedOut };
    },
  };
}

const sentences = {
  declined: "the provider declined: check the client id and secret",
  unreachable:
    "the provider could not be asked for its configuration: check the issuer, and that this hub reaches it by https",
  client_refused: "the provider does not take this client id and secret: check them",
  provider_error: "the provider says that something went wrong there: try again later",
  answer_refused:
    "what is at this address is no OpenID provider of that issuer: check the issuer, letter by letter",
} as const;

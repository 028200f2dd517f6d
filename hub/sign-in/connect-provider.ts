import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { makeShortLived } from "../accounts/short-lived.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import type { ProviderRow } from "../store/schema.ts";
import { connectGithub } from "./github-provider.ts";
import type { IdentityProvider, ProviderDescription, ProviderSecret } from "./identity-provider.ts";
import { connectOpenIdProvider } from "./open-id-provider.ts";
import { ProviderFailure } from "./provider-failure.ts";
import type { MakeProviderFetch } from "./provider-fetch.ts";

/** From the row of a provider to what can be asked. What it says about itself is kept for five minutes. */
export interface ConnectProvider {
  /** Asks anew, as before it is stored. */
  fresh(provider: ProviderDescription, secret: ProviderSecret): Promise<IdentityProvider>;
  stored(row: ProviderRow): Promise<IdentityProvider>;
}

const maxKept = 100;

export function makeConnectProvider(parts: {
  readonly keystore: Keystore;
  readonly fetchOf: MakeProviderFetch;
  readonly allowLoopback: boolean;
  readonly clock: Clock & { wallMs(): number };
}): ConnectProvider {
  const { keystore, fetchOf, allowLoopback, clock } = parts;
  const kept = makeShortLived<IdentityProvider>(clock, { maxEntries: maxKept });
  const connecting = new Map<string, Promise<IdentityProvider>>();

  async function connect(
    provider: ProviderDescription,
    secret: ProviderSecret,
  ): Promise<IdentityProvider> {
    const fetch = fetchOf(provider.issuer);
    const given = { provider, secret, fetch, allowLoopback, wallMs: () => clock.wallMs() };
    return provider.type === "github" ? connectGithub(given) : connectOpenIdProvider(given);
  }

  function openSecret(row: ProviderRow): ProviderSecret {
    const opened = keystore.open(sealedPlace("providerSecret", row.provider_id), row.client_secret);
    if (!opened.ok) throw new ProviderFailure("client_refused", opened.reason);
    return JSON.parse(Buffer.from(opened.plaintext).toString("utf8")) as ProviderSecret;
  }

  return {
    fresh: connect,
    async stored(row) {
      const { provider_id: id } = row;
      const known = kept.get(id);
      if (known !== undefined) return known;
      // However many come at once, it is asked once.
      const under =
        connecting.get(id) ??
        (async () => connect(row, openSecret(row)))().finally(() => connecting.delete(id));
      connecting.set(id, under);
      const provider = await under;
      kept.put(id, provider);
      return provider;
    },
  };
}

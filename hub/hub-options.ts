import type { HubLimits } from "./config/hub-limits.ts";
import type { MailSettings } from "./config/mail-settings.ts";
import type { Wrapping } from "./keystore/wrapping-key.ts";
import type { HubClock } from "./ops/hub-clock.ts";
import type { MetricsAccess } from "./ops/serve-metrics.ts";
import type { PinnedSettings } from "./settings/read-settings.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";

/** What a hub is made with. */
export interface HubOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** A second way in, for programs of the same user: the path of a socket. */
  readonly localListen?: string | undefined;
  readonly dataDir: string;
  /** `solo` knows nobody and trusts its host; the others have logins, `dev` with a worker beside it. */
  readonly kind: "solo" | "hub" | "dev";
  /** The built frontend; absent or empty: a page that says how to build it. */
  readonly frontendDir?: string;
  readonly logger: Logger;
  /** Of this program, for whoever asks. */
  readonly version: string;
  readonly clock?: HubClock;
  readonly random?: Random;
  readonly limits?: Partial<HubLimits>;
  /** Further origins whose pages may call: a development server. */
  readonly trustedOrigins?: readonly string[];
  /** Origin under which people reach it through a proxy; with https its cookies are secure. */
  readonly publicUrl?: string | undefined;
  /** Addresses, or networks as `address/bits`, whose X-Forwarded-For counts, beside this host's. */
  readonly trustedProxies?: readonly string[];
  /** Who may read /metrics; nobody where it is absent. */
  readonly metrics?: MetricsAccess;
  /** What was typed where the hub is started, by the names of hub/settings: no admin changes it. */
  readonly pinnedSettings?: PinnedSettings;
  /** Three of them as programs hand them over that embed a hub. */
  readonly mail?: MailSettings | null;
  readonly isSignUpEnabled?: boolean;
  readonly loginIdleMs?: number;
  /** Providers of identities may be asked over http on this host: for tests and for trying things out. */
  readonly allowLoopbackProviders?: boolean;
  /** How `encryption.key` is wrapped; absent: it is not. */
  readonly keyWrapping?: Wrapping;
}

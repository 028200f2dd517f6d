import type { ProviderRow } from "../store/schema.ts";

/** What is known beforehand about providers that many people use. */
export interface ProviderPreset {
  readonly type: ProviderRow["type"];
  readonly name: string;
  /** Empty: it has to be given. */
  readonly issuer: string;
  /** Another one than this may be given. */
  readonly isIssuerFixed: boolean;
  readonly scopes: string;
  readonly isFormPost: boolean;
  /** What it means where nobody says it: null, it has to be said. */
  readonly trustsEmail: boolean | null;
}

const openId = {
  type: "oidc",
  scopes: "openid profile email",
  isFormPost: false,
  isIssuerFixed: false,
  trustsEmail: false,
} as const;

export const providerPresets: Readonly<Record<string, ProviderPreset>> = {
  google: {
    ...openId,
    name: "Google",
    issuer: "https://accounts.google.com",
    isIssuerFixed: true,
    trustsEmail: true,
  },
  // Asked for name or address, it answers in no other way than by a form.
  apple: {
    ...openId,
    name: "Apple",
    issuer: "https://appleid.apple.com",
    isIssuerFixed: true,
    scopes: "openid email",
    isFormPost: true,
    trustsEmail: true,
  },
  // One tenant: what is the issuer of all of them names none, and everybody in the world would be let in.
  // Its addresses are what administrators of tenants typed, so they are not trusted.
  microsoft: { ...openId, name: "Microsoft", issuer: "" },
  gitlab: { ...openId, name: "GitLab", issuer: "https://gitlab.com" },
  github: {
    type: "github",
    name: "GitHub",
    issuer: "https://github.com",
    isIssuerFixed: false,
    scopes: "read:user user:email",
    isFormPost: false,
    trustsEmail: true,
  },
  oidc: { ...openId, name: "", issuer: "", trustsEmail: null },
};

import { checkTitle } from "@leapmux/shared/limits/title.ts";
import { isUsername } from "../accounts/username.ts";
import type { ProvenIdentity, ProviderDescription } from "./identity-provider.ts";
import { ProviderFailure } from "./provider-failure.ts";

const maxSubjectLength = 255;
const maxEmailLength = 254;

/** What of a provider's claims is taken: the subject as it is, everything else only where it fits. */
export function readClaims(
  claims: Readonly<Record<string, unknown>>,
  provider: Pick<ProviderDescription, "trust_email" | "admin_claim" | "admin_value">,
): ProvenIdentity {
  const { sub, email, email_verified: verified } = claims;
  const isTrusted = provider.trust_email === 1 && (verified === true || verified === "true");
  return {
    subject: requireSubject(sub),
    email: isTrusted && typeof email === "string" && isAddress(email) ? email : "",
    displayName: readTitle(claims["name"]),
    username: suggestUsername(claims["preferred_username"], email),
    isAdmin: hasAdminValue(claims, provider),
  };
}

/** Byte for byte what it is known by, so nothing is trimmed or folded (OpenID Connect Core §2). */
function requireSubject(sub: unknown): string {
  const isFit =
    typeof sub === "string" &&
    sub.length >= 1 &&
    sub.length <= maxSubjectLength &&
    sub.isWellFormed() &&
    // PostgreSQL keeps no zero, and nobody is named by what cannot be shown.
    !/\p{Cc}/u.test(sub);
  if (!isFit) throw new ProviderFailure("answer_refused", "subject_unfit");
  return sub;
}

function isAddress(text: string): boolean {
  return text.length <= maxEmailLength && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(text);
}

function readTitle(value: unknown): string {
  const checked = typeof value === "string" ? checkTitle(value) : null;
  return checked?.ok === true ? checked.title : "";
}

/** Only a suggestion: whoever signs up sees it in the field. */
function suggestUsername(preferred: unknown, email: unknown): string {
  for (const source of [preferred, email]) {
    if (typeof source !== "string") continue;
    const name = source
      .slice(0, 100)
      .split("@", 1)[0]
      ?.toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .slice(0, 32)
      .replaceAll(/^-+|-+$/g, "");
    if (name !== undefined && isUsername(name)) return name;
  }
  return "";
}

function hasAdminValue(
  claims: Readonly<Record<string, unknown>>,
  {
    admin_claim: name,
    admin_value: wanted,
  }: Pick<ProviderDescription, "admin_claim" | "admin_value">,
): boolean {
  if (name === "" || wanted === "" || !Object.hasOwn(claims, name)) return false;
  const value = claims[name];
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}

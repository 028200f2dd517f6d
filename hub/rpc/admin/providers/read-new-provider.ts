import type { AddProviderRequest } from "@leapmux/proto/hub/v1/admin_providers_pb.ts";
import { isApplePrivateKey } from "../../../sign-in/apple-secret.ts";
import type { ProviderDescription, ProviderSecret } from "../../../sign-in/identity-provider.ts";
import { providerPresets, type ProviderPreset } from "../../../sign-in/presets.ts";
import { requireShort, requireTitle } from "../../check-request.ts";
import { refuse } from "../../refusal.ts";

const maxSecretLength = 8192;

/** What an admin asks for, over what is known of the preset. */
export function readNewProvider(
  request: AddProviderRequest,
  { providerId, allowLoopback }: { readonly providerId: string; readonly allowLoopback: boolean },
): { readonly provider: ProviderDescription; readonly secret: ProviderSecret } {
  const preset = Object.hasOwn(providerPresets, request.preset)
    ? providerPresets[request.preset]
    : undefined;
  if (preset === undefined) {
    const names = Object.keys(providerPresets).join(", ");
    throw refuse("invalid_request", `preset must be one of ${names}`);
  }
  const clientId = requireShort(request.clientId, "client_id", 512);
  if (!/^[\x21-\x7e]+$/.test(clientId)) throw refuse("invalid_request", "client_id is missing");
  const trustsEmail = request.trustEmail ?? preset.trustsEmail;
  if (trustsEmail === null) {
    throw refuse(
      "invalid_request",
      "say whether addresses that this provider verified are trusted",
    );
  }
  return {
    provider: {
      provider_id: providerId,
      type: preset.type,
      name: requireTitle(request.name === "" ? preset.name : request.name, "name"),
      issuer: readIssuer(request.issuer, preset, allowLoopback),
      client_id: clientId,
      scopes: readScopes(request.scopes, preset),
      form_post: preset.isFormPost ? 1 : 0,
      trust_email: trustsEmail ? 1 : 0,
      ...readAdminClaim(request, preset),
    },
    secret: readSecret(request),
  };
}

function readIssuer(text: string, preset: ProviderPreset, allowLoopback: boolean): string {
  if (text === "" && preset.issuer !== "") return preset.issuer;
  if (text === "") throw refuse("invalid_request", "issuer is missing: the https address of it");
  if (preset.isIssuerFixed && text !== preset.issuer) {
    throw refuse("invalid_request", `the issuer of ${preset.name} is ${preset.issuer}`);
  }
  const url = text.length <= 512 && URL.canParse(text) ? new URL(text) : null;
  const isLoopback =
    allowLoopback &&
    url?.protocol === "http:" &&
    ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url === null || (url.protocol !== "https:" && !isLoopback)) {
    throw refuse("invalid_request", "issuer must be an https address");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw refuse("invalid_request", "issuer must be an address without a name, query or fragment");
  }
  if (/^\/(common|organizations|consumers)\//.test(url.pathname) && isMicrosoft(url)) {
    throw refuse(
      "invalid_request",
      "this lets in everybody who has an account at Microsoft: name your tenant, https://login.microsoftonline.com/TENANT-ID/v2.0",
    );
  }
  // GitHub's addresses are put together from it.
  return preset.type === "github" ? text.replace(/\/$/, "") : text;
}

const isMicrosoft = ({ hostname }: URL): boolean => hostname === "login.microsoftonline.com";

function readScopes(text: string, preset: ProviderPreset): string {
  if (text === "") return preset.scopes;
  const scopes = requireShort(text, "scopes", 512).trim().split(/\s+/);
  // RFC 6749 §3.3.
  if (!scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw refuse("invalid_request", "scopes must be names with spaces between them");
  }
  if (preset.type === "oidc" && !scopes.includes("openid")) {
    throw refuse("invalid_request", "scopes must contain openid");
  }
  return scopes.join(" ");
}

function readAdminClaim(
  { adminClaim, adminValue }: AddProviderRequest,
  { type }: ProviderPreset,
): Pick<ProviderDescription, "admin_claim" | "admin_value"> {
  if ((adminClaim === "") !== (adminValue === "")) {
    throw refuse("invalid_request", "admin_claim and admin_value go together");
  }
  if (adminClaim !== "" && type === "github") {
    throw refuse("invalid_request", "GitHub has no claims: give the role here");
  }
  return {
    admin_claim: requireShort(adminClaim, "admin_claim", 128),
    admin_value: requireShort(adminValue, "admin_value", 256),
  };
}

function readSecret({
  preset,
  clientSecret,
  appleTeamId,
  appleKeyId,
}: AddProviderRequest): ProviderSecret {
  const value = requireShort(clientSecret, "client_secret", maxSecretLength);
  if (value === "") throw refuse("invalid_request", "client_secret is missing");
  if (preset !== "apple") {
    if (appleTeamId !== "" || appleKeyId !== "") {
      throw refuse("invalid_request", "apple_team_id and apple_key_id are for Apple alone");
    }
    return { kind: "secret", value };
  }
  if (!/^[A-Z0-9]{10}$/.test(appleTeamId) || !/^[A-Z0-9]{10}$/.test(appleKeyId)) {
    throw refuse("invalid_request", "apple_team_id and apple_key_id have ten letters and digits");
  }
  if (!isApplePrivateKey(value)) {
    throw refuse("invalid_request", "client_secret must be the private key of Apple, a .p8 file");
  }
  return { kind: "apple", teamId: appleTeamId, keyId: appleKeyId, privateKey: value };
}

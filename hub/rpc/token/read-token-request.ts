import { checkScopes, tokenScopes, type TokenScope } from "../../accounts/token-scopes.ts";
import { requireTitle } from "../check-request.ts";
import { refuse } from "../refusal.ts";

const leastLifeMs = 60_000;

/** What of a wanted token a caller says, whoever it is for. */
export function readTokenRequest(
  request: {
    readonly clientName: string;
    readonly scopes: readonly string[];
    readonly lifeMs: bigint;
  },
  { maxTokenLifeMs }: { readonly maxTokenLifeMs: number },
): { clientName: string; scopes: readonly TokenScope[]; lifeMs: number } {
  const clientName = requireTitle(request.clientName, "client_name");
  const scopes = checkScopes(request.scopes);
  if (scopes === null) {
    const known = Object.keys(tokenScopes).join(", ");
    throw refuse("invalid_request", `scopes must be at least one of ${known}`);
  }
  const { lifeMs } = request;
  if (lifeMs < leastLifeMs || lifeMs > maxTokenLifeMs) {
    const days = maxTokenLifeMs / (24 * 60 * 60_000);
    throw refuse("invalid_request", `life_ms must be from one minute to ${days} days`);
  }
  return { clientName, scopes, lifeMs: Number(lifeMs) };
}

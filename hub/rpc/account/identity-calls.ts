import type { ServiceImpl } from "@connectrpc/connect";
import type { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { AccountParts } from "../account-parts.ts";
import { placeOf } from "../call-place.ts";
import { principalOf } from "../call-principal.ts";
import { requireIdentityId, requireProviderId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { beginSignIn } from "../sign-in/begin-sign-in.ts";
import { confirmPassword } from "./confirm-password.ts";

/** Accounts at providers that the caller's own account is entered with. */
export function identityCalls(
  parts: AccountParts,
): Pick<ServiceImpl<typeof AccountService>, "listIdentities" | "startLinking" | "unlinkIdentity"> {
  const { signIn, announceChange, wallMs, log } = parts;

  return {
    async listIdentities(_request, context) {
      const rows = (await signIn?.identities.list(principalOf(context).userId)) ?? [];
      return {
        identities: rows.map((row) => ({
          identityId: row.identity_id,
          providerId: row.provider_id,
          providerName: row.provider_name,
          email: row.email,
          linkedAtMs: BigInt(row.linked_at_ms),
        })),
      };
    },

    async startLinking(request, context) {
      const { userId, loginId } = principalOf(context);
      if (signIn === null || loginId === null) throw refuse("unauthenticated");
      const providerId = requireProviderId(request.providerId);
      const { epoch } = await confirmPassword(parts, context, request.password);
      const begun = await beginSignIn(
        { ...parts, signIn },
        {
          providerId,
          cookieHeader: context.requestHeader.get("cookie"),
          address: placeOf(context).address,
          returnTo: "/",
          link: { userId, loginId, epoch },
        },
      );
      if (!begun.ok) {
        if (begun.code === "throttled") throw refuse("throttled", undefined, begun.retryAfterMs);
        if (begun.code === "provider_disabled") throw refuse("not_found");
        throw refuse("provider_refused");
      }
      context.responseHeader.append("set-cookie", signIn.cookie.set(begun.browser));
      return { url: begun.url.href };
    },

    async unlinkIdentity(request, context) {
      const { userId, loginId } = principalOf(context);
      if (signIn === null) throw refuse("not_found");
      const identityId = requireIdentityId(request.identityId);
      const { epoch } = await confirmPassword(parts, context, request.password);
      const standing = { loginId, epoch, nowMs: wallMs() };
      const unlinked = await signIn.identities.unlink(userId, identityId, standing);
      if (unlinked !== "unlinked") throw refuse(unlinked);
      log.info("identity unlinked", { userId });
      announceChange(userId, { account: true });
      return {};
    },
  };
}

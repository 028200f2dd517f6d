import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { LoginService, ReadSignInResponseSchema } from "@leapmux/proto/hub/v1/login_pb.ts";
import { isSecret, makeAccountId } from "../../accounts/account-tokens.ts";
import { checkUsername } from "../../accounts/username.ts";
import type { SignIn } from "../../sign-in/sign-in.ts";
import type { AccountParts } from "../account-parts.ts";
import { requireShort, requireTitle } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { identityRow } from "../sign-in/finish-sign-in.ts";
import { followAdminClaim } from "../sign-in/follow-admin-claim.ts";
import { enter } from "./enter.ts";
import { requireStart } from "./require-start.ts";

/** What is left to do here once somebody came back from a provider. */
export function signInCalls(
  parts: AccountParts,
): Pick<ServiceImpl<typeof LoginService>, "readSignIn" | "finishSignUp"> {
  const { users, signIn, wallMs, log } = parts;

  const browserOf = ({ cookie }: SignIn, { requestHeader }: HandlerContext): string | null => {
    const held = cookie.read(requestHeader.get("cookie"));
    return held !== null && isSecret(held, "lms_") ? held : null;
  };

  return {
    async readSignIn(_request, context) {
      const browser = signIn === null ? null : browserOf(signIn, context);
      const outcome = browser === null ? undefined : signIn?.outcomes.get(browser);
      if (signIn === null || browser === null || outcome === undefined) return {};
      const { providerName, returnTo } = outcome;
      type Said = NonNullable<MessageInitShape<typeof ReadSignInResponseSchema>["outcome"]>;
      const say = (said: Said) => ({ outcome: said, providerName, returnTo });
      switch (outcome.kind) {
        case "refused":
          return say({ case: "refused", value: outcome.code });
        case "linked":
          return say({ case: "linked", value: true });
        case "second_factor":
          return say({ case: "secondFactor", value: outcome.factor });
        case "sign_up": {
          const found = await signIn.signUpDesk.find(browser);
          if (found === undefined) return say({ case: "refused", value: "stale" });
          const { username, displayName, email } = found.pending;
          const expiresAtMs = BigInt(found.expiresAtMs);
          return say({ case: "signUp", value: { username, displayName, email, expiresAtMs } });
        }
      }
    },

    async finishSignUp(request, context) {
      const browser = signIn === null ? null : browserOf(signIn, context);
      const found = browser === null ? undefined : await signIn?.signUpDesk.find(browser);
      if (signIn === null || browser === null || found === undefined) {
        throw refuse("token_refused", "five minutes have passed: sign in with the provider again");
      }
      // It may have been switched off meanwhile.
      if (!parts.maySignUp() || (await users.isEmpty())) throw refuse("sign_up_disabled");
      requireStart(parts.signUps, context);
      const { pending } = found;
      const checked = checkUsername(requireShort(request.username, "username"), { isFirst: false });
      if (!checked.ok) throw refuse("invalid_request", checked.message);
      const { username } = checked;
      const displayName =
        request.displayName === "" ? username : requireTitle(request.displayName, "display_name");
      const user = {
        user_id: makeAccountId(parts.random, "usr_"),
        username,
        display_name: displayName,
        role: "user" as const,
        password_hash: null,
        created_at_ms: wallMs(),
      };
      const linked = identityRow(parts, pending.providerId, user.user_id, pending);
      const created = await signIn.identities.signUp(user, linked);
      if (created === "taken") {
        throw refuse("already_exists", "this account is linked already: sign in with it");
      }
      if (created === "provider_gone") {
        throw refuse("token_refused", "nobody can sign in with this provider any more");
      }
      if (created === "limit_reached") {
        throw refuse("limit_reached", "this hub has no room for another account: ask its admin");
      }
      if (created === "username_taken") throw refuse(created);
      await signIn.signUpDesk.close(browser);
      signIn.outcomes.take(browser);
      log.info("signed up with a provider", {
        userId: user.user_id,
        providerId: pending.providerId,
      });
      const provider = await signIn.providers.find(pending.providerId);
      const made = { ...user, epoch: 0, last_seen_at_ms: 0 };
      const entering =
        provider === undefined
          ? made
          : await followAdminClaim(
              { ...parts, signIn },
              { user: made, linked, provider, identity: pending },
            );
      return enter(parts, context, entering, { epoch: 0 });
    },
  };
}

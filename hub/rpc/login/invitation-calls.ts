import type { ServiceImpl } from "@connectrpc/connect";
import type { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { isSecret } from "../../accounts/account-tokens.ts";
import type { Accepted, InvitationView } from "../../store/invitations.ts";
import { hashChosenPassword } from "../account/choose-password.ts";
import { wireRoleOf } from "../account/describe-account.ts";
import type { AccountParts } from "../account-parts.ts";
import { refuse } from "../refusal.ts";
import { requireStart, strangerOf } from "./require-start.ts";
import { enter } from "./enter.ts";
import { readNewAccount } from "./read-new-account.ts";

/** One-time links: into the hub, and to a new password. */
export function invitationCalls(
  parts: AccountParts,
): Pick<ServiceImpl<typeof LoginService>, "readInvitation" | "acceptInvitation"> {
  const { invitations, keyedHash, wallMs, log } = parts;

  async function find(token: string): Promise<InvitationView> {
    const tokenHash = await keyedHash.settle("invitations", isSecret(token, "lmi_") ? token : "");
    const invitation = await invitations.read(tokenHash, wallMs());
    if (invitation === undefined) throw refuse("token_refused");
    return invitation;
  }

  return {
    async readInvitation({ token }) {
      const { role, invited_by_name, expires_at_ms, resets_username } = await find(token);
      return {
        role: wireRoleOf(role),
        invitedBy: invited_by_name ?? "",
        expiresAtMs: BigInt(expires_at_ms),
        resetsUsername: resets_username ?? "",
      };
    },

    async acceptInvitation(request, context) {
      // Before a password is hashed; what counts is asked again in the transaction.
      const { token_hash: tokenHash, resets_username: resetsUsername } = await find(request.token);
      // Whoever has an invitation may try names and passwords, but not without end.
      const onBusy = requireStart(parts.signUps, context);
      const caller = strangerOf(context);
      let accepted: Accepted;
      if (resetsUsername === null) {
        const account = await readNewAccount(parts, request, { caller, onBusy });
        accepted = await invitations.accept(tokenHash, wallMs(), account);
      } else {
        const passwordHash = await hashChosenPassword(
          parts.hasher,
          request.password,
          resetsUsername,
          caller,
          onBusy,
        );
        accepted = await invitations.acceptReset(tokenHash, wallMs(), passwordHash);
        await parts.reactToRevocations();
      }
      if (!accepted.ok) throw refuse(accepted.reason);
      const { user } = accepted;
      log.info("invitation accepted", { userId: user.user_id });
      return enter(parts, context, user, user);
    },
  };
}

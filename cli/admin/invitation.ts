// `leapmux admin invitation`: one-time links into the hub.
import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService, type Invitation } from "@leapmux/proto/hub/v1/admin_pb.ts";
import type { AdminCall, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, timeOf } from "./admin-result.ts";
import { orMissing } from "./explain-refusal.ts";

const fields: readonly Field<Invitation>[] = [
  { name: "invitation_id", title: "ID", value: ({ invitationId }) => invitationId },
  { name: "role", title: "Role", value: ({ role }) => (role === Role.ADMIN ? "admin" : "user") },
  { name: "invited_by", title: "Invited by", value: ({ invitedBy }) => invitedBy || "console" },
  { name: "email", title: "Mailed to", value: ({ email }) => email || null },
  { name: "created_at", title: "Created", value: ({ createdAtMs }) => timeOf(createdAtMs) },
  { name: "expires_at", title: "Expires", value: ({ expiresAtMs }) => timeOf(expiresAtMs) },
];

const clientOf = ({ transport }: AdminCall) => createClient(AdminService, transport);

export const invitationGroup: AdminGroup = {
  name: "invitation",
  description: "One-time links with which people make their accounts",
  commands: [
    {
      name: "list",
      description: "Invitations that are open; there are never more than 200",
      async run(call) {
        const { invitations } = await clientOf(call).listInvitations({});
        return listOf("invitations", fields, { rows: invitations });
      },
    },
    {
      name: "create",
      description: "Print a link that makes one account",
      flags: [
        { name: "admin", description: "The account is one of an admin" },
        {
          name: "email",
          placeholder: "ADDRESS",
          description: "Mail it there as well, where the hub can (only with --hub)",
        },
      ],
      async run(call) {
        const email = call.flags.text("email") ?? "";
        const role = call.flags.has("admin") ? Role.ADMIN : Role.USER;
        const { invitation, token, mailed } = await clientOf(call).invite({ role, email });
        const link = `${call.hubUrl}/invite#${token}`;
        if (email !== "" && !mailed) call.output.warn(`nothing was mailed to ${email}`);
        return done([`With this link, once, somebody makes an account:`, link], {
          invitation_id: invitation?.invitationId ?? "",
          link,
          mailed,
          expires_at: new Date(Number(invitation?.expiresAtMs ?? 0n)).toISOString(),
        });
      },
    },
    {
      name: "withdraw",
      description: "Make a link worth nothing",
      flags: [{ name: "id", placeholder: "INVITATION_ID", description: "The one with this id" }],
      async run(call) {
        const invitationId = call.flags.required("id");
        await orMissing(
          clientOf(call).withdrawInvitation({ invitationId }),
          `there is no invitation with the id ${invitationId}`,
        );
        return done(`Withdrew the invitation ${invitationId}.`, { invitation_id: invitationId });
      },
    },
  ],
};

import { createClient } from "@connectrpc/connect";
import { AdminService, type User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminFlag } from "./admin-command.ts";
import { orMissing } from "./explain-refusal.ts";

export const userSelectors: readonly AdminFlag[] = [
  { name: "id", placeholder: "USER_ID", description: "The user with this id" },
  { name: "username", placeholder: "NAME", description: "The user with this name" },
];

/** The one that exactly one of --id and --username names. */
export async function selectUser({ flags, transport }: AdminCall): Promise<User> {
  const { name, text } = flags.oneOf("id", "username");
  const asked = name === "id" ? { userId: text } : { username: text };
  const by = name === "id" ? "id" : "name";
  const missing = `there is no user with the ${by} ${text}`;
  const admin = createClient(AdminService, transport);
  const { user } = await orMissing(admin.getUser(asked), missing);
  if (user === undefined) throw new CommandError("failure", missing);
  return user;
}

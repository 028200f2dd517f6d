import type { Client } from "@connectrpc/connect";
import type { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";

/** More would take longer than names are worth; ids stand for the rest. */
const mostPages = 10;

/** User names by id, so that lists can say who is meant. */
export async function readUsernames(
  client: Pick<Client<typeof AdminService>, "listUsers">,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  let pageToken = "";
  for (let page = 0; page < mostPages; page += 1) {
    // One page names the next.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await client.listUsers({ pageToken });
    for (const { userId, username } of answer.users) names.set(userId, username);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return names;
}

import type { Client } from "@connectrpc/connect";
import type { AdminService, User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { batch, createSignal } from "solid-js";

/** The users of the hub as far as they have been asked for, page by page, by name. */
export interface UserPages {
  /** Undefined until the first page is there. */
  users(): readonly User[] | undefined;
  hasMore(): boolean;
  /** What they are searched by. */
  name(): string;
  /** Anew, as many as were there; an answer that another question has overtaken is not shown. */
  read(): Promise<void>;
  more(): Promise<void>;
  search(name: string): Promise<void>;
}

export function createUserPages(client: Pick<Client<typeof AdminService>, "listUsers">): UserPages {
  const [users, setUsers] = createSignal<readonly User[]>();
  const [token, setToken] = createSignal("");
  const [name, setName] = createSignal("");
  let questions = 0;

  async function ask(by: string, from: string, before: readonly User[], atLeast: number) {
    const mine = ++questions;
    const found = [...before];
    let next = from;
    do {
      const page = await client.listUsers({ name: by, pageToken: next });
      if (mine !== questions) return;
      found.push(...page.users);
      next = page.nextPageToken;
    } while (next !== "" && found.length < atLeast);
    batch(() => {
      setUsers(found);
      setToken(next);
      setName(by);
    });
  }

  return {
    users,
    hasMore: () => token() !== "",
    name,
    read: () => ask(name(), "", [], users()?.length ?? 0),
    more: () => ask(name(), token(), users() ?? [], 0),
    search: (by) => ask(by, "", [], 0),
  };
}

import { type Client, createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { TokenService } from "@leapmux/proto/hub/v1/token_pb.ts";
import type { AppContext } from "../app/context.ts";

/** What the parts of the account's dialog share. */
export interface AccountCalls {
  readonly client: Client<typeof AccountService>;
  readonly tokens: Client<typeof TokenService>;
  /** After something of the account changed. */
  refresh(): Promise<void>;
  /** Told when the account changed, here or elsewhere. Returns its removal. */
  onChanged(changed: () => void): () => void;
}

export function createAccountCalls(app: AppContext): AccountCalls {
  return {
    client: createClient(AccountService, app.hub.transport),
    tokens: createClient(TokenService, app.hub.transport),
    refresh: app.entry.ask,
    onChanged: (changed) => app.hub.onChanged((change) => change.account && changed()),
  };
}

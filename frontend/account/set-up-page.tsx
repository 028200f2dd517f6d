import { createClient } from "@connectrpc/connect";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { Show } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { GatePage } from "./gate-page.tsx";
import { type NewAccount, NewAccountForm } from "./new-account-form.tsx";
import { TokenForm } from "./token-form.tsx";

/** Each start of the hub has a token of its own, so an address of yesterday is what people try. */
const refusals: ReadonlyMap<string, string> = new Map([
  [
    "token_refused",
    "The hub does not take this address. Open the one that it printed at its latest start.",
  ],
]);

/** The first account of a hub, made by whoever holds the token that it printed. */
export function SetUpPage(props: { entry: Entry }) {
  const client = createClient(LoginService, props.entry.transport);

  async function submit(account: NewAccount, token: string): Promise<void> {
    await client.setUp({ ...account, token });
    await props.entry.arrive("home");
  }

  return (
    <TokenForm given={props.entry.fragment} form="set-up">
      {(token, ask) => (
        <Show
          when={token()}
          fallback={
            <GatePage
              title="Set up this hub"
              text="It has no account yet. When it started, it printed an address that ends in a token: open that one, or paste the token here."
            >
              {ask()}
            </GatePage>
          }
        >
          <GatePage
            title="Set up this hub"
            text="The first account is an admin: it can invite others and end what should end."
          >
            <NewAccountForm
              action="Make the account"
              submit={(account) => submit(account, token())}
              sentences={refusals}
            />
          </GatePage>
        </Show>
      )}
    </TokenForm>
  );
}

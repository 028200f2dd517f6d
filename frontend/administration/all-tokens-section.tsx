import { createClient } from "@connectrpc/connect";
import {
  type OwnedToken,
  TokenKind,
  TokensAdminService,
} from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import { onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { ApiTokenRow } from "../account/api-token-row.tsx";
import { useApp } from "../app/use-app.ts";
import { createNow } from "../ui/create-now.ts";
import { createAdminSubmission } from "./admin-submission.ts";
import { createPages } from "./create-pages.ts";
import { PagedList } from "./paged-list.tsx";

/** API tokens of all users; who wants one makes it in the own account. */
export function AllTokensSection() {
  const client = createClient(TokensAdminService, useApp().hub.transport);
  const submission = createAdminSubmission();
  const now = createNow(30_000);
  const kind = TokenKind.API;
  const pages = createPages<OwnedToken>(async (pageToken) => {
    const answer = await client.listTokensOf({ kind, pageToken });
    return { rows: answer.tokens, nextPageToken: answer.nextPageToken };
  });
  onMount(() => void submission.run(pages.read));

  return (
    <AccountSection
      title="API tokens"
      text="For programs, of all users. Everybody makes their own in their account."
    >
      <PagedList pages={pages} submission={submission} empty="Nobody has an API token.">
        {(row) => (
          <TokenRow
            of={row}
            nowMs={now()}
            revoke={async () => {
              await client.revokeTokenOf({ kind, tokenId: row.token?.tokenId ?? "" });
              await pages.read();
            }}
          />
        )}
      </PagedList>
    </AccountSection>
  );
}

function TokenRow(props: { of: OwnedToken; nowMs: number; revoke(): Promise<void> }) {
  const submission = createAdminSubmission();
  return (
    <Show when={props.of.token}>
      {(token) => (
        <ApiTokenRow
          token={token()}
          owner={props.of.username}
          nowMs={props.nowMs}
          submission={submission}
          revoke={() => props.revoke()}
        />
      )}
    </Show>
  );
}

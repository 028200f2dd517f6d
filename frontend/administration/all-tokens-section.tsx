import { createClient } from "@connectrpc/connect";
import {
  type OwnedToken,
  TokenKind,
  TokensAdminService,
} from "@leapmux/proto/hub/v1/admin_tokens_pb.ts";
import KeySquare from "lucide-solid/icons/key-square";
import { createSignal, For, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { useApp } from "../app/use-app.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
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
  const [isAsked, setAsked] = createSignal(false);
  const { token, username } = props.of;
  if (!token) return null;
  const usedMs = Number(token.lastUsedAtMs);
  const endsMs = Number(token.refreshExpiresAtMs);
  return (
    <DetailRow
      icon={KeySquare}
      title={<bdi>{token.clientName}</bdi>}
      badges={
        <For each={token.scopes}>
          {(scope) => <Badge tone={scope === "admin" ? "accent" : "plain"}>{scope}</Badge>}
        </For>
      }
      details={
        <>
          <bdi>{username}</bdi> ·{" "}
          <Show when={usedMs > 0} fallback="never used">
            <time title={exactTime(usedMs)}>
              last used {relativeTime(Math.min(usedMs, props.nowMs), props.nowMs)}
            </time>
          </Show>{" "}
          · <time title={exactTime(endsMs)}>ends {relativeTime(endsMs, props.nowMs)}</time>
          <Show when={token.issuedBy !== ""}> · issued by {token.issuedBy}</Show>
        </>
      }
      actions={
        <Show when={!isAsked()}>
          <Button
            variant="quiet"
            aria-label={`Revoke ${token.clientName} of ${username}`}
            onClick={() => setAsked(true)}
          >
            Revoke
          </Button>
        </Show>
      }
    >
      <Show when={isAsked()}>
        <p>What uses it is cut off at once. This cannot be taken back.</p>
        <SubmissionNotice of={submission} />
        <div class="account-form-row">
          <Button
            variant="danger"
            busy={submission.busy()}
            onClick={() => void submission.run(props.revoke)}
          >
            Revoke {token.clientName}
          </Button>
          <Button variant="quiet" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </div>
      </Show>
    </DetailRow>
  );
}

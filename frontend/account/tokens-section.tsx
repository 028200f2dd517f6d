import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { ApiToken, TokenPair, TokenScope } from "@leapmux/proto/hub/v1/token_pb.ts";
import KeySquare from "lucide-solid/icons/key-square";
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { CreateToken, type WantedToken } from "./create-token.tsx";
import { createSubmission } from "./create-submission.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/** Tokens for programs of this account: made here, shown once, revoked here. */
export function TokensSection(props: { account: Account; calls: AccountCalls }) {
  const submission = createSubmission();
  const [tokens, setTokens] = createSignal<readonly ApiToken[]>();
  const [scopes, setScopes] = createSignal<readonly TokenScope[]>([]);
  const [isCreating, setCreating] = createSignal(false);
  const [made, setMade] = createSignal<TokenPair>();
  const client = props.calls.tokens;

  async function read(): Promise<void> {
    const answer = await client.listTokens({});
    setScopes(answer.scopes);
    setTokens(answer.tokens);
  }
  onMount(() => {
    void submission.run(read);
    onCleanup(props.calls.onChanged(() => void read().catch(() => {})));
  });

  async function create(wanted: WantedToken): Promise<void> {
    const { pair } = await client.createToken(wanted);
    setCreating(false);
    setMade(pair);
    await read();
  }
  async function revoke(tokenId: string): Promise<void> {
    await client.revokeToken({ tokenId });
    await read();
  }

  return (
    <AccountSection
      title="API tokens"
      text="For programs that act for you, with fewer rights than you have. A new password ends all of them."
      action={
        <Show when={!isCreating() && scopes().length > 0}>
          <Button
            onClick={() => {
              setMade(undefined);
              setCreating(true);
            }}
          >
            New token
          </Button>
        </Show>
      }
    >
      <SubmissionNotice of={submission} />
      <Show when={isCreating()}>
        <CreateToken
          hasPassword={props.account.hasPassword}
          scopes={scopes()}
          cancel={() => setCreating(false)}
          create={create}
        />
      </Show>
      <Show when={made()}>
        {(pair) => <MadeToken pair={pair()} done={() => setMade(undefined)} />}
      </Show>
      <Show when={tokens()} fallback={<Skeleton lines={2} />}>
        {(list) => (
          <Show
            when={list().length > 0}
            fallback={
              <Show when={!isCreating()}>
                <p class="field-hint">No token yet.</p>
              </Show>
            }
          >
            <ul class="detail-list">
              <For each={list()}>
                {(token) => <TokenRow token={token} revoke={() => revoke(token.tokenId)} />}
              </For>
            </ul>
          </Show>
        )}
      </Show>
    </AccountSection>
  );
}

function MadeToken(props: { pair: TokenPair; done(): void }) {
  return (
    <div class="account-form account-form-wide">
      <Notice tone="info">Copy both now: they are not shown again.</Notice>
      <CopyField
        label="Access token"
        value={props.pair.accessToken}
        hint={`Sent as “Authorization: Bearer …”. Good until ${exactTime(Number(props.pair.accessExpiresAtMs))}.`}
      />
      <CopyField
        label="Refresh token"
        value={props.pair.refreshToken}
        hint="Brings the next pair, once. A copy of it that is used later ends the token."
      />
      <div class="account-form-row">
        <Button variant="primary" onClick={() => props.done()}>
          I kept them
        </Button>
      </div>
    </div>
  );
}

function TokenRow(props: { token: ApiToken; revoke(): Promise<void> }) {
  const submission = createSubmission();
  const [isAsked, setAsked] = createSignal(false);
  const usedMs = () => Number(props.token.lastUsedAtMs);
  const endsMs = () => Number(props.token.refreshExpiresAtMs);
  return (
    <DetailRow
      icon={KeySquare}
      title={props.token.clientName}
      badges={
        <For each={props.token.scopes}>
          {(scope) => <Badge tone={scope === "admin" ? "accent" : "plain"}>{scope}</Badge>}
        </For>
      }
      details={
        <>
          <Show when={usedMs() > 0} fallback="never used">
            <time title={exactTime(usedMs())}>last used {relativeTime(usedMs(), Date.now())}</time>
          </Show>{" "}
          · <time title={exactTime(endsMs())}>ends {relativeTime(endsMs(), Date.now())}</time>
          <Show when={props.token.issuedBy !== ""}> · issued by {props.token.issuedBy}</Show>
        </>
      }
      actions={
        <Show when={!isAsked()}>
          <Button
            variant="quiet"
            aria-label={`Revoke ${props.token.clientName}`}
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
            Revoke {props.token.clientName}
          </Button>
          <Button variant="quiet" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </div>
      </Show>
    </DetailRow>
  );
}

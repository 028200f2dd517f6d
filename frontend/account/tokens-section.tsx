import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { ApiToken, TokenPair, TokenScope } from "@leapmux/proto/hub/v1/token_pb.ts";
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Button } from "../ui/button.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime } from "../ui/relative-time.ts";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { ApiTokenRow } from "./api-token-row.tsx";
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
  return (
    <ApiTokenRow
      token={props.token}
      nowMs={Date.now()}
      submission={submission}
      revoke={() => props.revoke()}
    />
  );
}

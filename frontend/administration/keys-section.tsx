import { createClient } from "@connectrpc/connect";
import {
  type EncryptionKey,
  type GetKeyStatusResponse,
  KeyAdminService,
} from "@leapmux/proto/hub/v1/admin_keys_pb.ts";
import KeyRound from "lucide-solid/icons/key-round";
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { SubmissionNotice } from "../account/submission-notice.tsx";
import { useApp } from "../app/use-app.ts";
import { streamHub } from "../link/stream-hub.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { Progress } from "../ui/progress.tsx";
import { exactTime } from "../ui/relative-time.ts";
import { AdminLoading } from "./admin-loading.tsx";
import { createAdminSubmission } from "./admin-submission.ts";
import { describeKeyAge, describeUses, shareDone } from "./describe-keys.ts";
import { TokenKey } from "./token-key.tsx";
import { TypedQuestion } from "./typed-question.tsx";

const wrappings: Readonly<Record<string, string>> = {
  none: "The key file is not wrapped.",
  passphrase: "The key file is wrapped by a passphrase.",
  key: "The key file is wrapped by a key from a file or a command.",
};

/** What seals the hub's secrets, and what the hashes of its tokens are made with. */
export function KeysSection() {
  const client = createClient(KeyAdminService, useApp().hub.transport);
  const submission = createAdminSubmission();
  const [status, setStatus] = createSignal<GetKeyStatusResponse>();
  const [progress, setProgress] = createSignal<{ done: bigint; left: bigint }>();
  const [done, setDone] = createSignal<string>();
  let stop: AbortController | undefined;
  onCleanup(() => stop?.abort());

  const read = async () => setStatus(await client.getKeyStatus({}));
  onMount(() => void submission.run(read));

  async function rotate(): Promise<void> {
    setDone(undefined);
    const { activeVersion } = await client.rotateKey({});
    await read();
    setDone(`Version ${activeVersion} seals from now on.`);
  }

  /** May be stopped at any moment: what is done stays done, and the next one goes on. */
  async function reencrypt(): Promise<void> {
    setDone(undefined);
    stop = new AbortController();
    const { signal } = stop;
    let last = { done: 0n, left: 0n, unreadable: 0n };
    setProgress(last);
    try {
      for await (const batch of streamHub(KeyAdminService.method.reencrypt, {}, signal)) {
        last = batch;
        setProgress(batch);
      }
      const many = last.done === 1n ? "1 value was" : `${last.done} values were`;
      setDone(`${many} sealed anew.`);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      setProgress(undefined);
    }
    await read();
  }

  return (
    <Show when={status()} fallback={<AdminLoading of={submission} again={read} />}>
      {(now) => (
        <>
          <AccountSection
            title="Encryption keys"
            text={`They seal what the hub keeps secret. ${wrappings[now().wrapped] ?? ""}`}
            action={
              <div class="account-form-row">
                <Button busy={submission.busy()} onClick={() => void submission.run(rotate)}>
                  Rotate
                </Button>
                <Button busy={submission.busy()} onClick={() => void submission.run(reencrypt)}>
                  Re-encrypt
                </Button>
              </div>
            }
          >
            <SubmissionNotice of={submission} />
            <Show when={done()}>{(text) => <Notice tone="ok">{text()}</Notice>}</Show>
            <Show when={progress()}>
              {(at) => (
                <div class="key-progress">
                  <Progress label="Re-encryption" value={shareDone(at().done, at().left)} />
                  <span role="status">
                    {String(at().done)} sealed anew, {String(at().left)} left
                  </span>
                  <Button variant="quiet" onClick={() => stop?.abort()}>
                    Stop
                  </Button>
                </div>
              )}
            </Show>
            <Show when={now().lost.length > 0}>
              <Notice tone="danger">
                No key opens {describeUses(now().lost)} any more. Put the key file back that belongs
                to this database.
              </Notice>
            </Show>
            <ul class="detail-list">
              <For each={now().keys.toSorted((a, b) => b.version - a.version)}>
                {(key) => (
                  <KeyRow
                    of={key}
                    remove={async () => {
                      await client.removeKey({ version: key.version });
                      await read();
                    }}
                  />
                )}
              </For>
            </ul>
          </AccountSection>
          <TokenKey status={now()} client={client} changed={read} />
        </>
      )}
    </Show>
  );
}

function KeyRow(props: { of: EncryptionKey; remove(): Promise<void> }) {
  const submission = createAdminSubmission();
  const [isAsked, setAsked] = createSignal(false);
  const { version, active } = props.of;
  const madeAtMs = Number(props.of.madeAtMs);
  const age = describeKeyAge(madeAtMs, Date.now());
  return (
    <DetailRow
      icon={KeyRound}
      title={`Version ${version}`}
      badges={
        <>
          <Show when={active}>
            <Badge tone="ok">active</Badge>
          </Show>
          <Show when={active && age.isDue}>
            <Badge tone="warn">due: rotate it</Badge>
          </Show>
        </>
      }
      details={
        <>
          <span title={madeAtMs === 0 ? undefined : exactTime(madeAtMs)}>{age.text}</span> · seals{" "}
          {describeUses(props.of.uses)}
        </>
      }
      actions={
        <Show when={!active && !isAsked()}>
          <Button
            variant="quiet"
            aria-label={`Remove version ${version}`}
            onClick={() => setAsked(true)}
          >
            Remove
          </Button>
        </Show>
      }
    >
      <Show when={isAsked()}>
        <TypedQuestion
          word={`version ${version}`}
          action="Remove the key"
          submission={submission}
          run={() => void submission.run(props.remove)}
          cancel={() => setAsked(false)}
        >
          Backups of the database from before the re-encryption open with this key alone. Keep the
          key file that belongs to them.
        </TypedQuestion>
      </Show>
    </DetailRow>
  );
}

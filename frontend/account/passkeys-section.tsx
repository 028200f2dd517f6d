import type { Account, Passkey } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import KeyRound from "lucide-solid/icons/key-round";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../ui/button.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { Field } from "../ui/field.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { ConfirmPassword } from "./confirm-password.tsx";
import { ConfirmRow } from "./confirm-row.tsx";
import { createSubmission } from "./create-submission.ts";
import { CurrentPasswordField } from "./current-password-field.tsx";
import { describeClient } from "./describe-client.ts";
import { canUsePasskeys, makePasskey } from "./passkeys.ts";

/** Keys that a device keeps: they log in alone, or stand behind the password. */
export function PasskeysSection(props: { account: Account; calls: AccountCalls }) {
  const [isAdding, setAdding] = createSignal(false);
  return (
    <AccountSection
      title="Passkeys"
      text="A device or a security key proves that it is you, alone or after the password. Nobody can phish it."
      action={
        <Show when={!isAdding() && canUsePasskeys()}>
          <Button onClick={() => setAdding(true)}>Add passkey</Button>
        </Show>
      }
    >
      <Show when={!canUsePasskeys()}>
        <p class="field-hint">
          This browser makes no passkeys at this address: open LeapMux by https to add one.
        </p>
      </Show>
      <Show when={isAdding()}>
        <AddPasskey account={props.account} calls={props.calls} close={() => setAdding(false)} />
      </Show>
      <Show
        when={props.account.passkeys.length > 0}
        fallback={
          <Show when={!isAdding() && canUsePasskeys()}>
            <p class="field-hint">No passkey yet.</p>
          </Show>
        }
      >
        <ul class="detail-list">
          <For each={props.account.passkeys}>
            {(passkey) => (
              <PasskeyRow passkey={passkey} account={props.account} calls={props.calls} />
            )}
          </For>
        </ul>
      </Show>
    </AccountSection>
  );
}

function AddPasskey(props: { account: Account; calls: AccountCalls; close(): void }) {
  const submission = createSubmission();
  const [name, setName] = createSignal(describeClient(navigator.userAgent, false).text);
  const [password, setPassword] = createSignal("");
  const { client } = props.calls;

  async function add(): Promise<void> {
    let refusal: string | undefined;
    const isDone = await submission.run(async () => {
      const { optionsJson } = await client.startPasskeyRegistration({ password: password() });
      const answer = await makePasskey(optionsJson);
      if (!answer.ok) {
        refusal = answer.text;
        return;
      }
      await client.finishPasskeyRegistration({ responseJson: answer.json, name: name().trim() });
      await props.calls.refresh();
    });
    if (refusal !== undefined) submission.fail(refusal);
    else if (isDone) props.close();
  }

  return (
    <form
      class="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Field
        label="Name"
        autocomplete="off"
        required
        maxLength={64}
        hint="To tell it apart from others later."
        value={name()}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <CurrentPasswordField
        hasPassword={props.account.hasPassword}
        takesFocus
        value={password()}
        onInput={setPassword}
      />
      <ConfirmRow of={submission} action="Make a passkey" cancel={() => props.close()} />
    </form>
  );
}

function PasskeyRow(props: { passkey: Passkey; account: Account; calls: AccountCalls }) {
  const [isRemoving, setRemoving] = createSignal(false);
  const createdMs = () => Number(props.passkey.createdAtMs);
  const usedMs = () => Number(props.passkey.lastUsedAtMs);

  async function remove(password: string): Promise<void> {
    const { credentialId } = props.passkey;
    await props.calls.client.removePasskey({ credentialId, password });
    await props.calls.refresh();
  }

  return (
    <DetailRow
      icon={KeyRound}
      title={props.passkey.name || "Passkey"}
      details={
        <>
          <time title={exactTime(createdMs())}>made {relativeTime(createdMs(), Date.now())}</time>
          {" · "}
          <Show when={usedMs() > 0} fallback="never used">
            <time title={exactTime(usedMs())}>used {relativeTime(usedMs(), Date.now())}</time>
          </Show>
        </>
      }
      actions={
        <Show when={!isRemoving()}>
          <Button
            variant="quiet"
            aria-label={`Remove ${props.passkey.name}`}
            onClick={() => setRemoving(true)}
          >
            Remove
          </Button>
        </Show>
      }
    >
      <Show when={isRemoving()}>
        <ConfirmPassword
          hasPassword={props.account.hasPassword}
          danger
          action="Remove the passkey"
          run={remove}
          cancel={() => setRemoving(false)}
        />
      </Show>
    </DetailRow>
  );
}

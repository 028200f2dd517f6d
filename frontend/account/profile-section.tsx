import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { createSignal, Show } from "solid-js";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { ConfirmRow } from "./confirm-row.tsx";
import { createSubmission } from "./create-submission.ts";
import { CurrentPasswordField } from "./current-password-field.tsx";
import { NewPasswordField } from "./new-password-field.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";

interface SectionProps {
  account: Account;
  calls: AccountCalls;
}

export function DisplayName(props: SectionProps) {
  const submission = createSubmission();
  const [name, setName] = createSignal(props.account.displayName);
  const isChanged = () => name().trim() !== props.account.displayName && name().trim() !== "";

  function save(event: SubmitEvent): void {
    event.preventDefault();
    if (!isChanged()) return;
    void submission.run(async () => {
      await props.calls.client.changeDisplayName({ displayName: name().trim() });
      await props.calls.refresh();
    });
  }

  return (
    <AccountSection
      title={props.account.username}
      text={
        props.account.role === Role.ADMIN
          ? "Your user name does not change. You are an admin of this hub."
          : "Your user name does not change."
      }
    >
      <form class="account-form" onSubmit={save}>
        <div class="account-inline">
          <Field
            label="Your name"
            name="name"
            autocomplete="name"
            maxLength={128}
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" busy={submission.busy()} disabled={!isChanged()}>
            Save
          </Button>
        </div>
        <SubmissionNotice of={submission} />
      </form>
    </AccountSection>
  );
}

export function ChangePassword(props: SectionProps) {
  const submission = createSubmission();
  const [isOpen, setOpen] = createSignal(false);
  const [isDone, setDone] = createSignal(false);
  const [before, setBefore] = createSignal("");
  const [after, setAfter] = createSignal("");
  const label = () => (props.account.hasPassword ? "Change password" : "Set a password");

  function close(): void {
    submission.clear();
    setBefore("");
    setAfter("");
    setOpen(false);
  }

  async function submit(): Promise<void> {
    const isChanged = await submission.run(() =>
      props.calls.client.changePassword({ oldPassword: before(), newPassword: after() }),
    );
    if (!isChanged) return;
    close();
    setDone(true);
    await props.calls.refresh().catch(() => {});
  }

  return (
    <AccountSection
      title="Password"
      text="Changing it ends every other login."
      action={
        <Show when={!isOpen()}>
          <Button
            onClick={() => {
              setDone(false);
              setOpen(true);
            }}
          >
            {label()}
          </Button>
        </Show>
      }
    >
      <Show when={isDone()}>
        <Notice tone="ok">The password is changed. All other logins have ended.</Notice>
      </Show>
      <Show when={isOpen()}>
        <form
          class="account-form"
          method="post"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <input
            class="visually-hidden"
            name="username"
            autocomplete="username"
            value={props.account.username}
            readonly
            tabindex="-1"
            aria-hidden="true"
          />
          <CurrentPasswordField
            hasPassword={props.account.hasPassword}
            takesFocus
            label="Password now"
            name="password"
            value={before()}
            onInput={setBefore}
          />
          <NewPasswordField
            label="New password"
            value={after()}
            names={[props.account.username, props.account.displayName]}
            onInput={setAfter}
          />
          <ConfirmRow of={submission} action={label()} cancel={close} />
        </form>
      </Show>
    </AccountSection>
  );
}

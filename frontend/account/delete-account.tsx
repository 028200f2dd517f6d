import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { Account } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { createSignal, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { AccountSection } from "./account-section.tsx";
import { ConfirmRow } from "./confirm-row.tsx";
import { createSubmission } from "./create-submission.ts";
import { CurrentPasswordField } from "./current-password-field.tsx";

/** Says exactly what goes, and lets nobody do it by habit. */
export function DeleteAccount(props: { account: Account }) {
  const app = useApp();
  // Not by the app's own transport: that the login is gone is what was asked for.
  const client = createClient(AccountService, app.entry.transport);
  const submission = createSubmission();
  const [isOpen, setOpen] = createSignal(false);
  const [username, setUsername] = createSignal("");
  const [password, setPassword] = createSignal("");

  function close(): void {
    submission.clear();
    setUsername("");
    setPassword("");
    setOpen(false);
  }
  const submit = () =>
    submission.run(() =>
      app.entry.leave(
        () => client.deleteAccount({ username: username(), password: password() }),
        "Your account is deleted.",
      ),
    );

  return (
    <AccountSection
      title="Delete the account"
      text="It cannot be brought back."
      action={
        <Show when={!isOpen()}>
          <Button onClick={() => setOpen(true)}>Delete account…</Button>
        </Show>
      }
    >
      <Show when={isOpen()}>
        <p>These go, for good:</p>
        <ul class="account-goes">
          <li>
            {count(app.workspaces.all.length, "workspace")} with all tabs and terminals in them
          </li>
          <Show when={app.workers.all.length > 0}>
            <li>
              {count(app.workers.all.length, "worker")}: each ends what runs on it, wipes its
              credentials and stops. Files on those machines stay.
            </li>
          </Show>
          <li>
            every login, also of command lines, every API token, every trusted device and every
            second factor
          </li>
        </ul>
        <form
          class="account-form"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field
            ref={(element) => queueMicrotask(() => element.focus())}
            label={`Type “${props.account.username}” to delete it`}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
            value={username()}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
          <CurrentPasswordField
            hasPassword={props.account.hasPassword}
            value={password()}
            onInput={setPassword}
          />
          <ConfirmRow
            of={submission}
            action="Delete the account"
            danger
            disabled={username() !== props.account.username}
            cancel={close}
          />
        </form>
      </Show>
    </AccountSection>
  );
}

function count(number: number, name: string): string {
  if (number === 0) return `No ${name}`;
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}

import type { Client } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { AdminService, User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { createSignal, Match, Show, Switch } from "solid-js";
import { Button } from "../ui/button.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { createSubmission } from "./create-submission.ts";
import { invitationLink, untilWhen } from "./invitation-link.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

type Asked = "end-logins" | "reset" | "delete";

/** What an admin can do with somebody's account; what cannot be taken back is asked first. */
export function UserActions(props: {
  user: User;
  client: Client<typeof AdminService>;
  changed(): Promise<void>;
}) {
  const submission = createSubmission();
  const [asked, setAsked] = createSignal<Asked>();
  const [link, setLink] = createSignal<{ token: string; expiresAtMs: number }>();
  const [username, setUsername] = createSignal("");
  const { client } = props;
  const { userId } = props.user;
  const isAdmin = () => props.user.role === Role.ADMIN;

  function ask(what: Asked | undefined): void {
    submission.clear();
    setUsername("");
    setLink(undefined);
    setAsked(what);
  }
  async function run(action: () => Promise<unknown>): Promise<void> {
    const isDone = await submission.run(async () => {
      await action();
      await props.changed();
    });
    if (isDone) setAsked(undefined);
  }
  const question = (action: string, what: () => Promise<unknown>) => (
    <div class="account-form-row">
      <Button variant="danger" busy={submission.busy()} onClick={() => void run(what)}>
        {action}
      </Button>
      <Button variant="quiet" onClick={() => ask(undefined)}>
        Cancel
      </Button>
    </div>
  );

  return (
    <>
      <Switch>
        <Match when={asked() === "end-logins"}>
          <p>
            Everything of {props.user.username} on screens closes now, and API tokens end for good.
            Terminals go on running, and logging in again is possible.
          </p>
          {question("End all logins", () => client.endLoginsOf({ userId }))}
        </Match>
        <Match when={asked() === "reset"}>
          <p>
            All logins, API tokens and second factors of {props.user.username} end now. You get a
            link to hand over, with which a new password is set.
          </p>
          {question("Reset the password", async () => {
            const { token, expiresAtMs } = await client.resetPassword({ userId });
            setLink({ token, expiresAtMs: Number(expiresAtMs) });
          })}
        </Match>
        <Match when={asked() === "delete"}>
          <p>
            All logins, workspaces and devices of {props.user.username} go for good. Workers end
            what runs on them, wipe their credentials and stop; files on those machines stay.
          </p>
          <form
            class="account-form"
            onSubmit={(event) => {
              event.preventDefault();
              void run(() => client.deleteUser({ userId, username: username() }));
            }}
          >
            <Field
              ref={(element) => queueMicrotask(() => element.focus())}
              label={`Type “${props.user.username}” to delete the account`}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              required
              maxLength={64}
              value={username()}
              onInput={(event) => setUsername(event.currentTarget.value)}
            />
            <div class="account-form-row">
              <Button
                type="submit"
                variant="danger"
                busy={submission.busy()}
                disabled={username() !== props.user.username}
              >
                Delete the account
              </Button>
              <Button variant="quiet" onClick={() => ask(undefined)}>
                Cancel
              </Button>
            </div>
          </form>
        </Match>
        <Match when={true}>
          <Show when={link()}>
            {(made) => (
              <>
                <Notice tone="info">
                  Hand this link to {props.user.username} on a way that you trust. It works once and
                  is not shown again.
                </Notice>
                <CopyField
                  label="Link for a new password"
                  value={invitationLink(made().token)}
                  hint={untilWhen(made().expiresAtMs)}
                />
              </>
            )}
          </Show>
          <div class="account-form-row">
            <Button
              busy={submission.busy()}
              onClick={() =>
                void run(() => client.setRole({ userId, role: isAdmin() ? Role.USER : Role.ADMIN }))
              }
            >
              {isAdmin() ? "Make a plain user" : "Make an admin"}
            </Button>
            <Button disabled={props.user.logins === 0} onClick={() => ask("end-logins")}>
              End logins
            </Button>
            <Button onClick={() => ask("reset")}>Reset password…</Button>
            <Button onClick={() => ask("delete")}>Delete…</Button>
          </div>
        </Match>
      </Switch>
      <SubmissionNotice of={submission} />
    </>
  );
}

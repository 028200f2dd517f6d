import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { LoginService, type ReadInvitationResponse } from "@leapmux/proto/hub/v1/login_pb.ts";
import { createSignal, Match, onMount, Show, Switch } from "solid-js";
import type { Entry } from "../app/entry.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { createSubmission } from "./create-submission.ts";
import { GatePage } from "./gate-page.tsx";
import { NewAccountForm } from "./new-account-form.tsx";
import { ResetPasswordForm } from "./reset-password-form.tsx";
import { SubmissionNotice } from "./submission-notice.tsx";
import { TokenForm } from "./token-form.tsx";

/** A one-time link: it makes an account, or sets a new password for one that is there. */
export function InvitationPage(props: { entry: Entry }) {
  return (
    <TokenForm given={props.entry.fragment} form="invitation">
      {(token, ask) => (
        <Show
          when={token()}
          fallback={
            <GatePage
              title="Open your invitation"
              text="This address came without its token. Open the whole link again, or paste it here."
            >
              {ask()}
            </GatePage>
          }
        >
          <Invitation entry={props.entry} token={token()} />
        </Show>
      )}
    </TokenForm>
  );
}

function Invitation(props: { entry: Entry; token: string }) {
  const client = createClient(LoginService, props.entry.transport);
  const reading = createSubmission();
  const [found, setFound] = createSignal<ReadInvitationResponse>();
  const read = () =>
    reading.run(async () => setFound(await client.readInvitation({ token: props.token })));
  onMount(() => void read());

  async function accept(parts: { username?: string; displayName?: string; password: string }) {
    await client.acceptInvitation({ ...parts, token: props.token });
    await props.entry.arrive("home");
  }
  const whoIsHere = () => props.entry.account()?.username;

  return (
    <Switch fallback={<Waiting label="Reading the invitation" sentence="Waiting for the hub." />}>
      <Match when={reading.failure()}>
        <GatePage title="This link does not work">
          <SubmissionNotice of={reading} />
          <Button variant="plain" onClick={() => void read()} disabled={reading.waitSeconds() > 0}>
            Try it again
          </Button>
          <Button variant="primary" data-first onClick={() => location.assign("/")}>
            Go to the log-in
          </Button>
        </GatePage>
      </Match>
      <Match when={found()?.resetsUsername}>
        {(username) => (
          <GatePage
            title="Set a new password"
            text={
              <>
                For <strong>{username()}</strong>. It logs you in; all other logins have ended.
              </>
            }
          >
            <ResetPasswordForm username={username()} submit={(password) => accept({ password })} />
          </GatePage>
        )}
      </Match>
      <Match when={found()}>
        {(invitation) => (
          <GatePage title="Make your account" text={<InvitedBy invitation={invitation()} />}>
            <Show when={whoIsHere()}>
              {(username) => (
                <Notice tone="warn">
                  You are logged in as {username()}. A new account takes the place of that login in
                  this browser.
                </Notice>
              )}
            </Show>
            <NewAccountForm action="Make the account" submit={accept} />
          </GatePage>
        )}
      </Match>
    </Switch>
  );
}

function InvitedBy(props: { invitation: ReadInvitationResponse }) {
  const by = () => props.invitation.invitedBy;
  const until = () => Number(props.invitation.expiresAtMs);
  return (
    <>
      {by() ? `${by()} invites you` : "You are invited"}
      {props.invitation.role === Role.ADMIN ? " as an admin" : ""}. The link works once
      <Show when={until() > 0}>
        {" "}
        and ends <span title={exactTime(until())}>{relativeTime(until(), Date.now())}</span>
      </Show>
      .
    </>
  );
}

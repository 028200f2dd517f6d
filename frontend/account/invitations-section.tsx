import type { Client } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { AdminService, Invitation, InviteResponse } from "@leapmux/proto/hub/v1/admin_pb.ts";
import Ticket from "lucide-solid/icons/ticket";
import { createSignal, For, onMount, Show } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyField } from "../ui/copy-field.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { Field, Select } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { AccountSection } from "./account-section.tsx";
import { createSubmission } from "./create-submission.ts";
import { invitationLink, untilWhen } from "./invitation-link.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

const roles = [
  { value: "user", label: "User" },
  { value: "admin", label: "Admin" },
];

export function InvitationsSection(props: { client: Client<typeof AdminService> }) {
  const submission = createSubmission();
  const [open, setOpen] = createSignal<readonly Invitation[]>();

  async function read(): Promise<void> {
    const { invitations } = await props.client.listInvitations({});
    setOpen(invitations.toSorted((a, b) => Number(b.createdAtMs - a.createdAtMs)));
  }
  onMount(() => void submission.run(read));

  const withdraw = (invitationId: string) =>
    submission.run(async () => {
      await props.client.withdrawInvitation({ invitationId });
      await read();
    });

  return (
    <>
      <MakeInvitation client={props.client} made={read} />
      <AccountSection title="Open invitations">
        <SubmissionNotice of={submission} />
        <Show when={open()} fallback={<Skeleton lines={2} />}>
          {(list) => (
            <Show
              when={list().length > 0}
              fallback={
                <p class="field-hint">None. One that was accepted or has ended is not kept.</p>
              }
            >
              <ul class="detail-list">
                <For each={list()}>
                  {(invitation) => (
                    <InvitationRow
                      invitation={invitation}
                      withdraw={() => void withdraw(invitation.invitationId)}
                    />
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Show>
      </AccountSection>
    </>
  );
}

function MakeInvitation(props: { client: Client<typeof AdminService>; made(): Promise<void> }) {
  const submission = createSubmission();
  const [role, setRole] = createSignal("user");
  const [email, setEmail] = createSignal("");
  const [made, setMade] = createSignal<InviteResponse>();

  const invite = () =>
    submission.run(async () => {
      setMade(undefined);
      const wanted = role() === "admin" ? Role.ADMIN : Role.USER;
      setMade(await props.client.invite({ role: wanted, email: email().trim() }));
      setEmail("");
      await props.made();
    });

  return (
    <AccountSection
      title="Invite somebody"
      text="A link makes one account. Hand it over on a way that you trust."
    >
      <form
        class="invite-form"
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        <Select
          label="As"
          options={roles}
          value={role()}
          onChange={(event) => setRole(event.currentTarget.value)}
        />
        <Field
          label="Mail it to"
          type="email"
          autocomplete="off"
          placeholder="Nobody: show the link"
          maxLength={254}
          value={email()}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
        <Button type="submit" variant="primary" busy={submission.busy()}>
          Make a link
        </Button>
      </form>
      <SubmissionNotice of={submission} />
      <Show when={made()}>
        {(answer) => (
          <div class="account-form account-form-wide">
            <Notice tone="info">
              {answer().mailed
                ? `It was mailed to ${answer().invitation?.email}. The link is not shown again.`
                : "The link works once and is not shown again: copy it now."}
            </Notice>
            <CopyField
              label="Invitation link"
              value={invitationLink(answer().token)}
              hint={untilWhen(Number(answer().invitation?.expiresAtMs ?? 0))}
            />
          </div>
        )}
      </Show>
    </AccountSection>
  );
}

function InvitationRow(props: { invitation: Invitation; withdraw(): void }) {
  const isAdmin = () => props.invitation.role === Role.ADMIN;
  const endsMs = () => Number(props.invitation.expiresAtMs);
  const madeMs = () => Number(props.invitation.createdAtMs);
  const title = () => {
    const { email, invitedBy } = props.invitation;
    return email || (invitedBy === "" ? "Invitation by the console" : `Invitation by ${invitedBy}`);
  };
  return (
    <DetailRow
      icon={Ticket}
      title={title()}
      badges={
        <Show when={isAdmin()}>
          <Badge tone="accent">admin</Badge>
        </Show>
      }
      details={
        <>
          <time title={exactTime(madeMs())}>made {relativeTime(madeMs(), Date.now())}</time> ·{" "}
          <time title={exactTime(endsMs())}>ends {relativeTime(endsMs(), Date.now())}</time>
        </>
      }
      actions={
        <Button variant="quiet" aria-label={`Withdraw ${title()}`} onClick={() => props.withdraw()}>
          Withdraw
        </Button>
      }
    />
  );
}

import type { Client } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { AdminService, User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import ShieldUser from "lucide-solid/icons/shield-user";
import UserRound from "lucide-solid/icons/user-round";
import { createMemo, createSignal, For, onMount, Show } from "solid-js";
import { useApp } from "../app/use-app.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Field } from "../ui/field.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { AccountSection } from "./account-section.tsx";
import { createSubmission } from "./create-submission.ts";
import { SubmissionNotice } from "./submission-notice.tsx";
import { UserActions } from "./user-actions.tsx";

/** From this many on they can be searched. */
const searchFrom = 8;

export function UsersSection(props: { client: Client<typeof AdminService>; invite(): void }) {
  const submission = createSubmission();
  const [users, setUsers] = createSignal<readonly User[]>();
  const [wanted, setWanted] = createSignal("");
  const [opened, setOpened] = createSignal<string>();
  const now = createNow(30_000);

  async function read(): Promise<void> {
    const answer = await props.client.listUsers({});
    setUsers(answer.users.toSorted((a, b) => a.username.localeCompare(b.username)));
  }
  onMount(() => void submission.run(read));

  const shown = createMemo(() => {
    const text = wanted().trim().toLowerCase();
    return (users() ?? []).filter((user) =>
      `${user.username} ${user.displayName}`.toLowerCase().includes(text),
    );
  });
  // By id, so that a list that is read anew keeps what is open in it.
  const ids = createMemo(() => shown().map((user) => user.userId));

  return (
    <AccountSection
      title={users() ? `${users()!.length} user${users()!.length === 1 ? "" : "s"}` : "Users"}
      action={<Button onClick={() => props.invite()}>Invite…</Button>}
    >
      <SubmissionNotice of={submission} />
      <Show when={users()} fallback={<Skeleton lines={4} />}>
        <Show when={users()!.length >= searchFrom}>
          <Field
            label="Find"
            type="search"
            autocomplete="off"
            placeholder="Name"
            value={wanted()}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        </Show>
        <Show
          when={shown().length > 0}
          fallback={<p class="field-hint">Nobody is called “{wanted().trim()}”.</p>}
        >
          <ul class="detail-list">
            <For each={ids()}>
              {(id) => (
                <Show when={users()!.find((user) => user.userId === id)}>
                  {(user) => (
                    <UserRow
                      user={user()}
                      nowMs={now()}
                      client={props.client}
                      isOpen={opened() === id}
                      toggle={() => setOpened(opened() === id ? undefined : id)}
                      changed={read}
                    />
                  )}
                </Show>
              )}
            </For>
          </ul>
        </Show>
        <Show when={users()!.length === 1}>
          <p class="field-hint">
            You are alone here. Invite somebody, and they show up in this list.
          </p>
        </Show>
      </Show>
    </AccountSection>
  );
}

function UserRow(props: {
  user: User;
  nowMs: number;
  client: Client<typeof AdminService>;
  isOpen: boolean;
  toggle(): void;
  changed(): Promise<void>;
}) {
  const app = useApp();
  const isMe = () => app.account()?.userId === props.user.userId;
  const isAdmin = () => props.user.role === Role.ADMIN;
  const seenMs = () => Number(props.user.lastSeenAtMs);
  const name = () => props.user.displayName || props.user.username;

  return (
    <DetailRow
      icon={isAdmin() ? ShieldUser : UserRound}
      title={name()}
      badges={
        <>
          <Show when={isMe()}>
            <Badge tone="ok">you</Badge>
          </Show>
          <Show when={isAdmin()}>
            <Badge tone="accent">admin</Badge>
          </Show>
        </>
      }
      details={
        <>
          <Show when={name() !== props.user.username}>{props.user.username} · </Show>
          {count(props.user.logins, "login")} · {count(props.user.workers, "worker")} ·{" "}
          {props.user.hasSecondFactor ? "second factor" : "password alone"} ·{" "}
          <Show when={seenMs() > 0} fallback="never seen">
            <time title={exactTime(seenMs())}>
              seen {relativeTime(Math.min(seenMs(), props.nowMs), props.nowMs)}
            </time>
          </Show>
        </>
      }
      actions={
        <Show when={!isMe()}>
          <Button
            variant="quiet"
            aria-label={`Manage ${name()}`}
            aria-expanded={props.isOpen}
            onClick={() => props.toggle()}
          >
            {props.isOpen ? "Close" : "Manage"}
          </Button>
        </Show>
      }
    >
      <Show when={props.isOpen}>
        <UserActions user={props.user} client={props.client} changed={props.changed} />
      </Show>
    </DetailRow>
  );
}

function count(number: number, name: string): string {
  return `${number === 0 ? "no" : number} ${name}${number === 1 ? "" : "s"}`;
}

import type { Client } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { AdminService, User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import ShieldUser from "lucide-solid/icons/shield-user";
import UserRound from "lucide-solid/icons/user-round";
import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
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
import { createUserPages } from "./create-user-pages.ts";
import { describeAccountFailure } from "./describe-account-failure.ts";
import { SubmissionNotice } from "./submission-notice.tsx";
import { UserActions } from "./user-actions.tsx";

/** From this many on they can be searched. */
const searchFrom = 8;
/** Typing is one question, not one for each letter. */
const searchDelayMs = 250;

export function UsersSection(props: { client: Client<typeof AdminService>; invite(): void }) {
  const submission = createSubmission();
  const pages = createUserPages(props.client);
  const [wanted, setWanted] = createSignal("");
  const [opened, setOpened] = createSignal<string>();
  const now = createNow(30_000);
  onMount(() => void submission.run(pages.read));

  // By id, so that a list that is read anew keeps what is open in it.
  const ids = createMemo(() => (pages.users() ?? []).map((user) => user.userId));
  const canSearch = () => pages.name() !== "" || pages.hasMore() || ids().length >= searchFrom;
  const title = () =>
    pages.users() === undefined || pages.hasMore() || pages.name() !== ""
      ? "Users"
      : `${ids().length} user${ids().length === 1 ? "" : "s"}`;

  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  function search(text: string): void {
    setWanted(text);
    clearTimeout(timer);
    timer = setTimeout(() => {
      submission.clear();
      // One that is under way is overtaken, and not waited for.
      pages
        .search(text.trim())
        .catch((error: unknown) => submission.fail(describeAccountFailure(error)));
    }, searchDelayMs);
  }

  return (
    <AccountSection
      title={title()}
      action={<Button onClick={() => props.invite()}>Invite…</Button>}
    >
      <SubmissionNotice of={submission} />
      <Show when={pages.users()} fallback={<Skeleton lines={4} />}>
        <Show when={canSearch() || wanted() !== ""}>
          <Field
            label="Find"
            type="search"
            autocomplete="off"
            placeholder="Name"
            maxLength={64}
            value={wanted()}
            onInput={(event) => search(event.currentTarget.value)}
          />
        </Show>
        <Show
          when={ids().length > 0}
          fallback={
            <p class="field-hint" role="status">
              Nobody is called “{pages.name()}”.
            </p>
          }
        >
          <ul class="detail-list">
            <For each={ids()}>
              {(id) => (
                <Show when={pages.users()!.find((user) => user.userId === id)}>
                  {(user) => (
                    <UserRow
                      user={user()}
                      nowMs={now()}
                      client={props.client}
                      isOpen={opened() === id}
                      toggle={() => setOpened(opened() === id ? undefined : id)}
                      changed={pages.read}
                    />
                  )}
                </Show>
              )}
            </For>
          </ul>
          <Show when={pages.hasMore()}>
            <MoreUsers more={pages.more} />
          </Show>
        </Show>
        <Show when={ids().length === 1 && pages.name() === "" && !pages.hasMore()}>
          <p class="field-hint">
            You are alone here. Invite somebody, and they show up in this list.
          </p>
        </Show>
      </Show>
    </AccountSection>
  );
}

/** Loads by itself when it comes into view; a button for whoever gets there otherwise, or after a failure. */
function MoreUsers(props: { more(): Promise<void> }) {
  const submission = createSubmission();
  const load = () => void submission.run(props.more);
  return (
    <div
      class="account-form-row"
      ref={(element) => {
        const observer = new IntersectionObserver((entries) => {
          if (entries.some(({ isIntersecting }) => isIntersecting)) load();
        });
        observer.observe(element);
        onCleanup(() => observer.disconnect());
      }}
    >
      <Button variant="quiet" busy={submission.busy()} onClick={load}>
        Show more
      </Button>
      <SubmissionNotice of={submission} />
    </div>
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

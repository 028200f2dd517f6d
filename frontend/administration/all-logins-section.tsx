import { createClient } from "@connectrpc/connect";
import { LoginAdminService, type OwnedLogin } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import Monitor from "lucide-solid/icons/monitor";
import Smartphone from "lucide-solid/icons/smartphone";
import Terminal from "lucide-solid/icons/terminal";
import { createSignal, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { describeClient } from "../account/describe-client.ts";
import { useApp } from "../app/use-app.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { createAdminSubmission } from "./admin-submission.ts";
import { createPages } from "./create-pages.ts";
import { OwnerSelect } from "./owner-select.tsx";
import { PagedList } from "./paged-list.tsx";
import { readUsernames } from "./read-usernames.ts";

/** Who is logged in. One that ends loses nothing; all of somebody take the API tokens along, so that is asked. */
export function AllLoginsSection() {
  const app = useApp();
  const client = createClient(LoginAdminService, app.hub.transport);
  const users = createClient(AdminService, app.hub.transport);
  const submission = createAdminSubmission();
  const [usernames, setUsernames] = createSignal<ReadonlyMap<string, string>>(new Map());
  const [userId, setUserId] = createSignal("");
  const [isAsked, setAsked] = createSignal(false);
  const now = createNow(30_000);
  const pages = createPages<OwnedLogin>(async (pageToken) => {
    const answer = await client.listLoginsOf({ userId: userId(), pageToken });
    return { rows: answer.logins, nextPageToken: answer.nextPageToken };
  });
  onMount(
    () =>
      void submission.run(async () => {
        await pages.read();
        setUsernames(await readUsernames(users));
      }),
  );

  const name = () => usernames().get(userId()) ?? "";
  const isMine = () => userId() === app.account()?.userId;
  const end = (loginId: string) =>
    submission.run(async () => {
      await client.endLoginOf({ loginId });
      await pages.read();
    });
  const endAll = () =>
    submission.run(async () => {
      await users.endLoginsOf({ userId: userId() });
      setAsked(false);
      await pages.read();
    });

  return (
    <AccountSection
      title="Logins"
      text="Ending a login closes its terminals there at once. What runs in them goes on."
    >
      <div class="owner-bar">
        <OwnerSelect
          usernames={usernames()}
          value={userId()}
          select={(id) => {
            setAsked(false);
            setUserId(id);
            void submission.run(pages.read);
          }}
        />
        <Show when={userId() !== "" && !isMine() && (pages.rows()?.length ?? 0) > 0}>
          <Show
            when={isAsked()}
            fallback={<Button onClick={() => setAsked(true)}>End all of {name()}</Button>}
          >
            <p class="owner-question">The API tokens of {name()} end too, for good.</p>
            <Button variant="danger" busy={submission.busy()} onClick={() => void endAll()}>
              End all logins of {name()} now
            </Button>
            <Button variant="quiet" onClick={() => setAsked(false)}>
              Cancel
            </Button>
          </Show>
        </Show>
      </div>
      <PagedList pages={pages} submission={submission} empty="Nobody is logged in.">
        {(row) => {
          const { login } = row;
          if (!login) return null;
          const words = describeClient(login.userAgent, login.cli);
          const screen = words.isPhone ? Smartphone : Monitor;
          const seenMs = Number(login.lastSeenAtMs);
          return (
            <DetailRow
              icon={login.cli ? Terminal : screen}
              title={<bdi>{row.username}</bdi>}
              badges={
                <Show when={login.current}>
                  <Badge tone="ok">this one</Badge>
                </Show>
              }
              details={
                <>
                  <span title={login.userAgent}>{words.text}</span> ·{" "}
                  {login.address || "unknown address"} ·{" "}
                  <time title={exactTime(seenMs)}>
                    seen {relativeTime(Math.min(seenMs, now()), now())}
                  </time>
                </>
              }
              actions={
                <Show when={!login.current}>
                  <Button
                    variant="quiet"
                    aria-label={`End ${words.text} of ${row.username}`}
                    onClick={() => void end(login.loginId)}
                  >
                    End
                  </Button>
                </Show>
              }
            />
          );
        }}
      </PagedList>
    </AccountSection>
  );
}

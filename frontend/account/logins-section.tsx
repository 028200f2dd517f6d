import type { Login } from "@leapmux/proto/hub/v1/account_pb.ts";
import Monitor from "lucide-solid/icons/monitor";
import Smartphone from "lucide-solid/icons/smartphone";
import Terminal from "lucide-solid/icons/terminal";
import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Skeleton } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { AccountCalls } from "./account-calls.ts";
import { AccountSection } from "./account-section.tsx";
import { createSubmission } from "./create-submission.ts";
import { describeClient } from "./describe-client.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/** Where this account is logged in; each can be ended from here. */
export function LoginsSection(props: { calls: AccountCalls }) {
  const submission = createSubmission();
  const [logins, setLogins] = createSignal<readonly Login[]>();
  const now = createNow(10_000);

  async function read(): Promise<void> {
    const answer = await props.calls.client.listLogins({});
    setLogins(answer.logins.toSorted(compareLogins));
  }
  onMount(() => {
    void submission.run(read);
    onCleanup(props.calls.onChanged(() => void read().catch(() => {})));
  });

  const others = () => logins()?.filter((login) => !login.current) ?? [];
  const end = (loginId: string) =>
    submission.run(async () => {
      await props.calls.client.endLogin({ loginId });
      await read();
    });
  const endOthers = () =>
    submission.run(async () => {
      await props.calls.client.endOtherLogins({});
      await read();
    });

  return (
    <AccountSection
      title="Where you are logged in"
      text="Ending a login closes its terminals there at once. What runs in them goes on."
      action={
        <Show when={others().length > 0}>
          <Button busy={submission.busy()} onClick={() => void endOthers()}>
            End all others ({others().length})
          </Button>
        </Show>
      }
    >
      <SubmissionNotice of={submission} />
      <Show when={logins()} fallback={<Skeleton lines={3} />}>
        {(list) => (
          <ul class="detail-list">
            <For each={list()}>
              {(login) => {
                const words = describeClient(login.userAgent, login.cli);
                const icon = () => {
                  if (login.cli) return Terminal;
                  return words.isPhone ? Smartphone : Monitor;
                };
                return (
                  <DetailRow
                    icon={icon()}
                    title={<span title={login.userAgent}>{words.text}</span>}
                    badges={
                      <Show when={login.current}>
                        <Badge tone="ok">this one</Badge>
                      </Show>
                    }
                    details={
                      <>
                        {login.address || "unknown address"} ·{" "}
                        <time title={exactTime(Number(login.lastSeenAtMs))}>
                          {login.current
                            ? "in use now"
                            : `last seen ${relativeTime(Math.min(Number(login.lastSeenAtMs), now()), now())}`}
                        </time>
                      </>
                    }
                    actions={
                      <Show when={!login.current}>
                        <Button
                          variant="quiet"
                          aria-label={`End ${words.text}, ${login.address}`}
                          onClick={() => void end(login.loginId)}
                        >
                          End
                        </Button>
                      </Show>
                    }
                  />
                );
              }}
            </For>
          </ul>
        )}
      </Show>
    </AccountSection>
  );
}

function compareLogins(a: Login, b: Login): number {
  if (a.current !== b.current) return a.current ? -1 : 1;
  return Number(b.lastSeenAtMs - a.lastSeenAtMs);
}

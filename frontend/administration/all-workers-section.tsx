import { createClient } from "@connectrpc/connect";
import {
  type OwnedWorker,
  WorkerAdminService,
  WorkerStatus,
} from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import Server from "lucide-solid/icons/server";
import { createSignal, onMount, Show } from "solid-js";
import { AccountSection } from "../account/account-section.tsx";
import { useApp } from "../app/use-app.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { createAdminSubmission } from "./admin-submission.ts";
import { createPages } from "./create-pages.ts";
import { PagedList } from "./paged-list.tsx";
import { TypedQuestion } from "./typed-question.tsx";

/** The workers of all users. The hub relays for them and sees nothing of what runs there. */
export function AllWorkersSection() {
  const client = createClient(WorkerAdminService, useApp().hub.transport);
  const submission = createAdminSubmission();
  const [done, setDone] = createSignal<string>();
  const now = createNow(30_000);
  const pages = createPages<OwnedWorker>(async (pageToken) => {
    const answer = await client.listWorkersOf({ pageToken });
    return { rows: answer.workers, nextPageToken: answer.nextPageToken };
  });
  onMount(() => void submission.run(pages.read));

  async function deregister({ workerId, name }: OwnedWorker): Promise<void> {
    const { forgotten } = await client.deregisterWorkerOf({ workerId });
    await pages.read();
    setDone(
      forgotten
        ? `The hub knows “${name}” no more.`
        : `“${name}” is told to stop; it goes from this list when it has.`,
    );
  }

  return (
    <AccountSection title="Workers" text="Of all users. The hub sees nothing of what runs on them.">
      <Show when={done()}>{(text) => <Notice tone="ok">{text()}</Notice>}</Show>
      <PagedList pages={pages} submission={submission} empty="No worker is registered.">
        {(worker) => <WorkerRow of={worker} nowMs={now()} deregister={() => deregister(worker)} />}
      </PagedList>
    </AccountSection>
  );
}

function WorkerRow(props: { of: OwnedWorker; nowMs: number; deregister(): Promise<void> }) {
  const submission = createAdminSubmission();
  const [isAsked, setAsked] = createSignal(false);
  const worker = props.of;
  const isLeaving = worker.status === WorkerStatus.DEREGISTERING;
  const seenMs = Number(worker.lastSeenAtMs);
  return (
    <DetailRow
      icon={Server}
      title={<bdi>{worker.name}</bdi>}
      badges={
        <>
          <Show when={worker.bundled}>
            <Badge>inside the hub</Badge>
          </Show>
          <Show when={isLeaving}>
            <Badge tone="warn">deregistering</Badge>
          </Show>
        </>
      }
      details={
        <>
          <bdi>{worker.username}</bdi> ·{" "}
          <Show when={seenMs > 0} fallback="never seen">
            <time title={exactTime(seenMs)}>
              seen {relativeTime(Math.min(seenMs, props.nowMs), props.nowMs)}
            </time>
          </Show>{" "}
          ·{" "}
          <time title={exactTime(Number(worker.registeredAtMs))}>
            registered {relativeTime(Number(worker.registeredAtMs), props.nowMs)}
          </time>
        </>
      }
      actions={
        <Show when={!worker.bundled && !isAsked()}>
          <Button
            variant="quiet"
            aria-label={`${isLeaving ? "Forget" : "Deregister"} ${worker.name}`}
            onClick={() => setAsked(true)}
          >
            {isLeaving ? "Forget" : "Deregister"}
          </Button>
        </Show>
      }
    >
      <Show when={isAsked()}>
        <TypedQuestion
          word={worker.name}
          action={isLeaving ? "Forget the worker" : "Deregister the worker"}
          submission={submission}
          run={() => void submission.run(props.deregister)}
          cancel={() => setAsked(false)}
        >
          {isLeaving
            ? "It has not said yet that it stopped. Forgotten, it keeps its credentials, and the hub refuses it."
            : "Every terminal on it ends, with what runs in it. It wipes its credentials and stops; to use the machine again it has to be registered anew."}
        </TypedQuestion>
      </Show>
    </DetailRow>
  );
}

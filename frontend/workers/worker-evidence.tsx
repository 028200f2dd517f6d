import {
  type Evidence,
  WorkerEvidenceService,
} from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { createSignal, For, onMount, Show } from "solid-js";
import type { WorkerConnection } from "../link/worker-connections.ts";
import { Button } from "../ui/button.tsx";
import { createNow } from "../ui/create-now.ts";
import { DetailRow } from "../ui/detail-row.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/progress.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import { describeFailure } from "../workspace/describe-failure.ts";
import { describeEvidence } from "./describe-evidence.ts";

const timeoutMs = 10_000;
const pageSize = 20;

/** What happened on the worker, as it wrote it down itself: the newest first, older ones when asked for. */
export function WorkerEvidence(props: { connection: WorkerConnection; name: string }) {
  const [found, setFound] = createSignal<readonly Evidence[]>();
  const [hasMore, setMore] = createSignal(false);
  const [isAsking, setAsking] = createSignal(false);
  const [failure, setFailure] = createSignal<string>();

  async function load(): Promise<void> {
    setAsking(true);
    setFailure(undefined);
    try {
      const client = props.connection.client(WorkerEvidenceService);
      const beforeSequence = found()?.at(-1)?.sequence ?? 0n;
      const page = await client.listEvidence({ beforeSequence, limit: pageSize }, { timeoutMs });
      setFound((shown) => [...(shown ?? []), ...page.evidence]);
      setMore(page.more);
    } catch (error) {
      setFailure(describeFailure(error));
    } finally {
      setAsking(false);
    }
  }
  onMount(() => void load());

  return (
    <section class="worker-part">
      <h3>What happened here</h3>
      <Show when={failure()}>{(text) => <Notice tone="plain">{text()}</Notice>}</Show>
      <Show
        when={found()}
        fallback={
          <Show when={isAsking()}>
            <Waiting
              label="Asking the worker"
              sentence={`Waiting for “${props.name}” to answer.`}
            />
          </Show>
        }
      >
        {(evidence) => (
          <Show
            when={evidence().length > 0}
            fallback={<p class="field-hint">Nothing since the worker remembers.</p>}
          >
            {/* Without it a keyboard could not scroll a long list, in a dialog that may have nothing else to go to. */}
            <ul class="detail-list" tabindex="0" aria-label="What happened here">
              <For each={evidence()}>{(entry) => <EvidenceRow entry={entry} />}</For>
            </ul>
          </Show>
        )}
      </Show>
      <Show when={hasMore()}>
        <div>
          <Button variant="quiet" busy={isAsking()} onClick={() => void load()}>
            Show older ones
          </Button>
        </div>
      </Show>
    </section>
  );
}

function EvidenceRow(props: { entry: Evidence }) {
  const now = createNow(30_000);
  const { entry } = props;
  const atMs = Number(entry.atMs);
  return (
    <DetailRow
      title={describeEvidence(entry)}
      details={
        <>
          <time title={exactTime(atMs)}>{relativeTime(Math.min(atMs, now()), now())}</time>
          <Show when={entry.deviceId}>
            {" "}
            · <bdi>{entry.deviceId}</bdi>
          </Show>
        </>
      }
    />
  );
}

import type { ApiToken } from "@leapmux/proto/hub/v1/token_pb.ts";
import KeySquare from "lucide-solid/icons/key-square";
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { DetailRow } from "../ui/detail-row.tsx";
import { exactTime, relativeTime } from "../ui/relative-time.ts";
import type { Submission } from "./create-submission.ts";
import { SubmissionNotice } from "./submission-notice.tsx";

/** A token in a list: what it may, when it was used, and its end, which is asked for first. */
export function ApiTokenRow(props: {
  token: ApiToken;
  /** Whose it is, where the list is not one's own. */
  owner?: string;
  nowMs: number;
  submission: Submission;
  revoke(): Promise<void>;
}) {
  const [isAsked, setAsked] = createSignal(false);
  const usedMs = () => Number(props.token.lastUsedAtMs);
  const endsMs = () => Number(props.token.refreshExpiresAtMs);
  const owned = () => (props.owner === undefined ? "" : ` of ${props.owner}`);
  return (
    <DetailRow
      icon={KeySquare}
      title={<bdi>{props.token.clientName}</bdi>}
      badges={
        <For each={props.token.scopes}>
          {(scope) => <Badge tone={scope === "admin" ? "accent" : "plain"}>{scope}</Badge>}
        </For>
      }
      details={
        <>
          <Show when={props.owner !== undefined}>
            <bdi>{props.owner}</bdi> ·{" "}
          </Show>
          <Show when={usedMs() > 0} fallback="never used">
            <time title={exactTime(usedMs())}>
              last used {relativeTime(Math.min(usedMs(), props.nowMs), props.nowMs)}
            </time>
          </Show>{" "}
          · <time title={exactTime(endsMs())}>ends {relativeTime(endsMs(), props.nowMs)}</time>
          <Show when={props.token.issuedBy !== ""}> · issued by {props.token.issuedBy}</Show>
        </>
      }
      actions={
        <Show when={!isAsked()}>
          <Button
            variant="quiet"
            aria-label={`Revoke ${props.token.clientName}${owned()}`}
            onClick={() => setAsked(true)}
          >
            Revoke
          </Button>
        </Show>
      }
    >
      <Show when={isAsked()}>
        <p>What uses it is cut off at once. This cannot be taken back.</p>
        <SubmissionNotice of={props.submission} />
        <div class="account-form-row">
          <Button
            variant="danger"
            busy={props.submission.busy()}
            onClick={() => void props.submission.run(props.revoke)}
          >
            Revoke {props.token.clientName}
          </Button>
          <Button variant="quiet" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </div>
      </Show>
    </DetailRow>
  );
}
